#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "qml/gradients/blocks.h"
#include "qml/gradients/bra.h"
#include "qml/gradients/differentiate.h"
#include "qml/gradients/layered_workspace.h"
#include "qml/gradients/parameter_shift.h"
#include "qsim/compile/bind.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"

namespace qml {
namespace {

using qsim::Program;
using qsim::require;

// The Jacobian of one sample: values × inputs and values × weights.
struct Rows {
  std::span<double> values;
  std::span<double> inputs;
  std::span<double> weights;

  // The gradient of value k.
  [[nodiscard]] std::span<double> inputs_of(std::size_t k) const { return part(inputs, k); }
  [[nodiscard]] std::span<double> weights_of(std::size_t k) const { return part(weights, k); }

 private:
  [[nodiscard]] std::span<double> part(std::span<double> all, std::size_t k) const {
    const std::size_t size = all.size() / values.size();
    return all.subspan(k * size, size);
  }
};

template <class T>
void adjoint_rows(Workspace<T>& workspace, Quantity quantity, const Rows& out) {
  evaluate(workspace, quantity, {}, 0, 0, out.values);
  const qsim::State<T> end = workspace.ket();
  std::vector<double> cotangent(out.values.size(), 0.0);
  for (std::size_t k = 0; k < cotangent.size(); ++k) {
    qsim::poll_interrupt();
    if (k > 0) workspace.ket() = end;
    cotangent[k] = 1.0;
    fill_bra(workspace, quantity, cotangent);
    workspace.backward(out.inputs_of(k), out.weights_of(k));
    cotangent[k] = 0.0;
  }
}

// The same for a small program, whose forward run costs no more than a copy of what it keeps.
template <class T>
void adjoint_rows(LayeredWorkspace<T>& workspace, Quantity quantity, const Rows& out) {
  std::vector<double> cotangent(out.values.size(), 0.0);
  for (std::size_t k = 0; k < cotangent.size(); ++k) {
    qsim::poll_interrupt();
    workspace.forward();
    if (k == 0) read_values(workspace.program(), workspace.ket(), quantity, {}, 0, 0, out.values);
    cotangent[k] = 1.0;
    fill_bra_state(workspace.program(), quantity, cotangent, workspace.ket(), workspace.bra());
    workspace.backward(out.inputs_of(k), out.weights_of(k));
    cotangent[k] = 0.0;
  }
}

// The Jacobian of the samples of a block; the bras of several values share a sweep. rows_of(sample)
// are where its results go.
template <class T, class RowsOf>
void adjoint_block(BlockWorker<T>& worker, Quantity quantity, std::span<double> values,
                   const RowsOf& rows_of) {
  qsim::Block<T>& block = worker.block();
  const std::size_t count = block.count();
  const std::size_t n = values.size() / count;
  const std::size_t n_bras = worker.sweep().n_bras();
  std::vector<double> cotangents(values.size());
  for (std::size_t begin = 0; begin < n; begin += n_bras) {
    qsim::poll_interrupt();
    block.forward();
    if (begin == 0) worker.values(quantity, {}, 0, values);
    for (std::size_t bra = 0; bra < n_bras; ++bra) {
      std::fill(cotangents.begin(), cotangents.end(), 0.0);
      for (std::size_t lane = 0; lane < count && begin + bra < n; ++lane) {
        cotangents[lane * n + begin + bra] = 1.0;
      }
      worker.fill_bra(bra, quantity, cotangents);
    }
    worker.sweep().run(block);
    for (std::size_t k = begin; k < std::min(n, begin + n_bras); ++k) {
      for (std::size_t lane = 0; lane < count; ++lane) {
        const Rows rows = rows_of(lane);
        worker.sweep().read(block, k - begin, lane, rows.inputs_of(k), rows.weights_of(k));
      }
    }
  }
}

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

template <class T>
void difference_rows(Workspace<T>& workspace, const JacobianOptions& options, std::size_t sample,
                     const Rows& out) {
  const Quantity quantity = options.quantity;
  const Sampling sampling{options.shots, options.seed};
  const std::size_t n = out.values.size();
  const std::size_t n_inputs = workspace.program().inputs.size();
  std::size_t run = 0;
  evaluate(workspace, quantity, sampling, sample, run++, out.values);
  const std::vector<double> center(workspace.parameters().begin(), workspace.parameters().end());
  const std::vector<double> steps = difference_steps<T>(workspace.program(), center, options);
  check_moves(workspace.program(), center, steps);
  std::vector<double> moved = center;
  std::vector<double> plus(n);
  std::vector<double> minus(n);
  const auto at = [&](std::size_t p, double value, std::vector<double>& values) {
    moved[p] = value;
    workspace.bind(std::span(moved).first(n_inputs), std::span(moved).subspan(n_inputs), false);
    evaluate(workspace, quantity, sampling, sample, run++, values);
  };
  for (std::size_t p = 0; p < center.size(); ++p) {
    const double step = steps[p];
    at(p, center[p] + step, plus);
    at(p, center[p] - step, minus);
    moved[p] = center[p];
    for (std::size_t k = 0; k < n; ++k) {
      const double slope = (plus[k] - minus[k]) / (2 * step);
      if (p < n_inputs) {
        out.inputs_of(k)[p] = slope;
      } else {
        out.weights_of(k)[p - n_inputs] = slope;
      }
    }
  }
  workspace.bind(std::span(center).first(n_inputs), std::span(center).subspan(n_inputs), false);
}

// Below 100 ε rounding of the values is a per cent of a slope of 1.
template <class T>
void check_step(double step) {
  const double least = 100 * static_cast<double>(std::numeric_limits<T>::epsilon());
  require(step == 0 || (step >= least && step <= kMostStep), "the finite-difference step is ", step,
          "; it must lie between ", least, " and ", kMostStep,
          ", or be 0 to be chosen by precision and shots");
}

void check_options(const Program& program, const JacobianOptions& options) {
  check(program, options.quantity, {options.shots, options.seed});
  require(options.method != DiffMethod::kAdjoint || !options.shots,
          "the adjoint method is exact and takes no shots; use parameter-shift");
  require(options.step == 0 || options.method == DiffMethod::kFiniteDifference,
          "a step is for finite-diff; this method takes none and would ignore it");
  const bool from_shots = options.method == DiffMethod::kParameterShift && options.shots;
  require(from_shots || options.allocation == ShotAllocation::kEach,
          "an allocation of shots is for parameter-shift with shots");
  require(from_shots || !(options.std_errors || options.covariance),
          "standard errors and covariances are those of parameter-shift with shots");
}

double size_in_bytes(const Program& program, const Batch& batch, const JacobianOptions& options) {
  const auto n_parameters = static_cast<double>(program.n_parameters());
  const double a_value = 1 + (options.std_errors ? 2 : 1) * n_parameters +
                         (options.covariance ? n_parameters * n_parameters : 0);
  return static_cast<double>(batch.size) *
         static_cast<double>(n_values(program, options.quantity)) * a_value * sizeof(double);
}

}  // namespace

DiffMethod diff_method(std::string_view name) {
  if (name == "adjoint") return DiffMethod::kAdjoint;
  if (name == "parameter-shift") return DiffMethod::kParameterShift;
  if (name == "finite-diff") return DiffMethod::kFiniteDifference;
  qsim::fail("there is no diff_method '", name,
             "'; there is adjoint, parameter-shift, finite-diff");
}

template <class T>
Gradients jacobian(const Program& program, const Batch& batch, const JacobianOptions& options) {
  check_options(program, options);
  check_step<T>(options.step);
  check(program, batch);
  const Quantity quantity = options.quantity;
  const std::size_t n = n_values(program, quantity);
  const std::size_t n_inputs = n * program.inputs.size();
  const std::size_t n_weights = n * program.weights.size();
  qsim::require_memory(size_in_bytes(program, batch, options), "the Jacobian of a batch");
  Gradients out{.values = std::vector<double>(batch.size * n),
                .inputs = std::vector<double>(batch.size * n_inputs),
                .weights = std::vector<double>(batch.size * n_weights)};
  if (options.method == DiffMethod::kParameterShift) {
    naming_samples(program, batch, [&] { parameter_shift<T>(program, batch, options, out); });
    return out;
  }
  const std::size_t runs = options.method == DiffMethod::kAdjoint
                               ? n
                               : 2 * (program.slots.size() + program.n_parameters());
  const auto rows_of = [&](std::size_t sample) {
    return Rows{std::span(out.values).subspan(sample * n, n),
                std::span(out.inputs).subspan(sample * n_inputs, n_inputs),
                std::span(out.weights).subspan(sample * n_weights, n_weights)};
  };
  if (options.method == DiffMethod::kAdjoint && runs_in_blocks<T>(program, batch)) {
    constexpr std::size_t kMostBras = 8;
    for_blocks<T>(program, batch, {.n_bras = std::min(n, kMostBras), .per_sample = true},
                  [&](std::size_t first, BlockWorker<T>& worker) {
                    const std::size_t count = worker.block().count();
                    adjoint_block(worker, quantity,
                                  std::span(out.values).subspan(first * n, count * n),
                                  [&](std::size_t lane) { return rows_of(first + lane); });
                  });
    return out;
  }
  if (options.method == DiffMethod::kAdjoint && runs_layered<T>(program, batch)) {
    for_layered<T>(program, batch, true, [&](std::size_t sample, LayeredWorkspace<T>& workspace) {
      adjoint_rows(workspace, quantity, rows_of(sample));
    });
    return out;
  }
  const auto differentiate = [&](std::size_t sample, Workspace<T>& workspace) {
    const Rows rows = rows_of(sample);
    if (options.method == DiffMethod::kAdjoint) return adjoint_rows(workspace, quantity, rows);
    difference_rows(workspace, options, sample, rows);
  };
  for_samples<T>(program, batch, differentiate, runs);
  return out;
}

template Gradients jacobian<float>(const Program&, const Batch&, const JacobianOptions&);
template Gradients jacobian<double>(const Program&, const Batch&, const JacobianOptions&);

}  // namespace qml
