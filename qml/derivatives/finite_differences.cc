#include "qml/derivatives/finite_differences.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <optional>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qsim/compile/bind.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qml {
namespace {

using qsim::Program;
using qsim::require;

// A step that parameters are too large for changes them by something else, or not at all.
void check_moves(const Program& program, std::span<const double> parameters,
                 std::span<const double> steps) {
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const double at = parameters[k];
    const double step = steps[k];
    const double moved = (at + step) - (at - step);
    require(std::abs(moved - 2 * step) <= 0.01 * step, "parameter '",
            qsim::parameter_name(program, k), "' is ", at,
            ", which finite differences with a step of ", step, " cannot change that little");
  }
}

// Balances truncation (step²) against rounding (ε/step).
template <class T>
double default_step() {
  return std::cbrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
}

constexpr double kMostStep = std::numbers::pi / 2;  // angles repeat after 2π

// The frequencies that a parameter moves every angle with at a place, ∂angle/∂parameter times the
// width of the generator's spectrum. An amplitude counts as a rotation's, which moves it by half
// its angle, in units of the state's norm. Nothing where an expression has no value or slope.
std::optional<Eigen::ArrayXd> frequencies(const Program& program, std::span<const double> at,
                                          std::size_t parameter) {
  qsim::poll_interrupt();
  const qsim::Tape& tape = program.tape;
  std::vector<double> values(tape.size());
  std::vector<double> slopes(tape.size());
  slopes[parameter] = 1.0;
  tape.evaluate(at, values);
  try {
    tape.forward(values, slopes);
  } catch (const qsim::ValueError&) {
    return {};
  }
  const auto entry = [](int e) { return static_cast<std::size_t>(e); };
  double norm = 0;
  for (const Program::Amplitude& a : program.initial)
    norm = std::hypot(norm, values[entry(a.entry)]);
  std::vector<double> out;
  for (const qsim::Slot& slot : program.slots) {
    const auto [low, high] = std::ranges::minmax(slot.eigenvalues);
    out.push_back(slopes[entry(slot.entry)] * (high - low));
  }
  for (const Program::Amplitude& a : program.initial)
    out.push_back(2 * slopes[entry(a.entry)] / norm);
  return Eigen::Map<const Eigen::ArrayXd>(out.data(), static_cast<Eigen::Index>(out.size()));
}

// The frequency that a value would have for its third derivative within a step of a parameter to be
// what the angles' are there, as far as the middle and both ends tell: of cos θ, θ′³ + 3θ′θ″ + θ‴.
double frequency_within(const Program& program, std::span<const double> parameters,
                        std::size_t parameter, double step) {
  std::vector<double> at(parameters.begin(), parameters.end());
  std::vector<Eigen::ArrayXd> found;
  for (const double side : {-step, 0.0, step}) {
    at[parameter] = parameters[parameter] + side;
    auto here = frequencies(program, at, parameter);
    if (!here) return std::numeric_limits<double>::infinity();
    found.push_back(*std::move(here));
  }
  double first = 0;
  for (const Eigen::ArrayXd& f : found) first = std::max(first, f.abs().sum());
  const double second = (found[2] - found[0]).abs().sum() / (2 * step);
  const double third = (found[2] - 2 * found[1] + found[0]).abs().sum() / (step * step);
  return std::cbrt(first * first * first + 3 * first * second + third);
}

// Balances truncation, step² f‴/6, against the noise of shots, σ/(step √(2 shots)): their squares
// have the least sum at (3σ/(√shots f‴))^⅓. A value that swings by σ at a frequency F has f‴ = σF³.
// F depends on the step where angles are not straight lines.
double step_for_shots(const Program& program, std::span<const double> parameters,
                      std::size_t parameter, std::int64_t shots) {
  const double longest = std::min(std::cbrt(3 / std::sqrt(static_cast<double>(shots))), kMostStep);
  const auto middle = frequencies(program, parameters, parameter);
  double step = longest / std::max(1.0, middle ? middle->abs().sum() : 0.0);
  constexpr double kNearly = 1.25;  // half a step costs twice the noise
  const auto fits = [&] {
    const double frequency = frequency_within(program, parameters, parameter, step);
    return step * std::max(1.0, frequency) <= kNearly * longest;
  };
  while (step > default_step<double>() && !fits()) step /= 2;
  return step;
}

// The step of every parameter.
template <class T>
std::vector<double> difference_steps(const Program& program, std::span<const double> parameters,
                                     const JacobianOptions& options) {
  std::vector<double> steps(parameters.size(), options.step > 0 ? options.step : default_step<T>());
  if (options.step > 0 || !options.shots) return steps;
  for (std::size_t p = 0; p < steps.size(); ++p) {
    steps[p] = step_for_shots(program, parameters, p, *options.shots);
  }
  return steps;
}

// The values of one sample at other parameters, `count` rows of them: its runs of those numbers.
template <class T>
std::vector<double> values_at(const Program& program, const Batch& batch, std::size_t sample,
                              std::size_t count, std::span<const double> rows,
                              std::size_t first_run, const JacobianOptions& options) {
  const std::size_t n_inputs = program.inputs.size();
  std::vector<double> inputs;
  std::vector<double> weights;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    (k % program.n_parameters() < n_inputs ? inputs : weights).push_back(rows[k]);
  }
  const Batch runs{.size = count,
                   .inputs = inputs,
                   .weights = weights,
                   .weights_per_sample = true,
                   .initial_states = batch.initial_of(program, sample, 1),
                   .rows = 1};
  return evaluate<T>(program, runs, options.quantity,
                     {options.shots, options.seed, qsim::RunsOf{sample, first_run}});
}

}  // namespace

template <class T>
void difference_rows(const Program& program, const Batch& batch, std::size_t sample,
                     const JacobianOptions& options, const JacobianRows& out) {
  const std::size_t n = out.values.size();
  const std::size_t n_inputs = program.inputs.size();
  std::vector<double> center;
  std::ranges::copy(batch.inputs_of(program, sample), std::back_inserter(center));
  std::ranges::copy(batch.weights_of(program, sample), std::back_inserter(center));
  const auto middle = values_at<T>(program, batch, sample, 1, center, 0, options);
  std::ranges::copy(middle, out.values.begin());
  const std::vector<double> steps = difference_steps<T>(program, center, options);
  check_moves(program, center, steps);
  // So many parameters at a time that both sides of all fill some blocks and little memory.
  constexpr std::size_t kMostValues = 1 << 16;
  const std::size_t chunk = std::max<std::size_t>(kMostValues / n, 1);
  for (std::size_t first = 0; first < center.size(); first += chunk) {
    const std::size_t last = std::min(center.size(), first + chunk);
    std::vector<double> rows;
    for (std::size_t p = first; p < last; ++p) {
      for (const double side : {steps[p], -steps[p]}) {
        rows.insert(rows.end(), center.begin(), center.end());
        rows[rows.size() - center.size() + p] += side;
      }
    }
    const auto values =
        values_at<T>(program, batch, sample, 2 * (last - first), rows, 1 + 2 * first, options);
    for (std::size_t p = first; p < last; ++p) {
      const double* plus = values.data() + 2 * (p - first) * n;
      for (std::size_t k = 0; k < n; ++k) {
        const double slope = (plus[k] - plus[n + k]) / (2 * steps[p]);
        (p < n_inputs ? out.inputs_of(k)[p] : out.weights_of(k)[p - n_inputs]) = slope;
      }
    }
  }
}

// Below 100 ε rounding of the values is a per cent of a slope of 1.
template <class T>
void check_step(double step) {
  const double least = 100 * static_cast<double>(std::numeric_limits<T>::epsilon());
  require(step == 0 || (step >= least && step <= kMostStep), "the finite-difference step is ", step,
          "; it must lie between ", least, " and ", kMostStep,
          ", or be 0 to be chosen by precision and shots");
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                   \
  template void difference_rows<T>(const Program&, const Batch&, std::size_t,    \
                                   const JacobianOptions&, const JacobianRows&); \
  template void check_step<T>(double);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qml
