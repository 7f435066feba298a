#include "qml/optimize/expectation_objective.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "qml/derivatives/coordinates.h"
#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/overlap.h"
#include "qsim/compile/spectrum.h"
#include "qsim/core/error.h"
#include "qsim/core/random.h"

namespace qml {
namespace {

using qsim::require;

// The frequencies of a product of two series.
std::vector<double> combined(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out = a;
  for (const double x : a) {
    for (const double y : b) {
      out.push_back(x + y);
      out.push_back(std::abs(x - y));
    }
  }
  std::ranges::sort(out);
  const auto same = [](double x, double y) { return y - x <= 1e-9 * std::max(1.0, y); };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

}  // namespace

template <class T>
ExpectationObjective<T>::ExpectationObjective(const qsim::Program& program,
                                              std::span<const double> inputs,
                                              std::span<const double> coefficients,
                                              const Sampling& sampling)
    : program_(program),
      size_(program.inputs.empty() ? 1 : inputs.size() / program.inputs.size()),
      inputs_(inputs.begin(), inputs.end()),
      loss_(program.observables, coefficients, size_),
      sampling_(sampling) {
  check(program, Quantity::kExpval, sampling);
  const std::vector<double> weights(program.weights.size(), 0.0);
  check(program, at(weights));
  require(!weights.empty(), "the program has no weights to find");
}

template <class T>
Batch ExpectationObjective<T>::at(std::span<const double> weights) const {
  return {.size = size_, .inputs = inputs_, .weights = weights};
}

template <class T>
Precision ExpectationObjective<T>::precision() const {
  return loss_.precision(std::numeric_limits<T>::epsilon());
}

template <class T>
Sampling ExpectationObjective<T>::next_sampling() {
  const Sampling out = sampling_;
  if (out.shots) sampling_.seed = qsim::Random(sampling_.seed, 1).bits();
  return out;
}

template <class T>
auto ExpectationObjective<T>::beside(std::span<const double> weights, std::size_t count) const
    -> Rows {
  const std::size_t n_weights = program_.weights.size();
  require_rows(weights.size(), n_weights, count);
  return {.inputs = repeated(inputs_, count),
          .weights = each_repeated(weights, n_weights, size_),
          .size = count * size_};
}

template <class T>
Batch ExpectationObjective<T>::at_each(const Rows& rows) const {
  return {.size = rows.size,
          .inputs = rows.inputs,
          .weights = rows.weights,
          .weights_per_sample = true,
          .rows = size_};
}

template <class T>
std::vector<double> ExpectationObjective<T>::values(std::span<const double> rows,
                                                    std::size_t count) {
  const Rows all = beside(rows, count);
  return loss_.of(expval<T>(program_, at_each(all), next_sampling()));
}

template <class T>
double ExpectationObjective<T>::gradient(std::span<const double> parameters,
                                         std::span<double> gradient) {
  if (!std::ranges::equal(parameters, last_at_) || sampling_.shots) {
    const std::size_t n_weights = gradient.size();
    Gradients found;
    if (sampling_.shots) {
      const Sampling sampling = next_sampling();
      const Gradients j = jacobian<T>(
          program_, at(parameters),
          {.method = DiffMethod::kParameterShift, .shots = sampling.shots, .seed = sampling.seed});
      found.values = j.values;
      found.weights.assign(n_weights, 0.0);
      for (std::size_t k = 0; k < j.weights.size(); ++k) {
        found.weights[k % n_weights] += loss_.by_values()[k / n_weights] * j.weights[k];
      }
    } else {
      found = vjp<T>(program_, at(parameters), loss_.by_values());
    }
    last_value_ = loss_.of(found.values).front();
    last_gradient_ = std::move(found.weights);
    last_at_.assign(parameters.begin(), parameters.end());
  }
  std::ranges::copy(last_gradient_, gradient.begin());
  return last_value_;
}

template <class T>
std::vector<double> ExpectationObjective<T>::gradients(std::span<const double> rows,
                                                       std::size_t count,
                                                       std::span<double> gradients) {
  if (count == 1 || sampling_.shots) return Objective::gradients(rows, count, gradients);
  const Rows all = beside(rows, count);
  const Gradients found = vjp<T>(program_, at_each(all), repeated(loss_.by_values(), count));
  const std::size_t n_weights = program_.weights.size();
  std::ranges::fill(gradients, 0.0);
  for (std::size_t k = 0; k < found.weights.size(); ++k) {
    gradients[k / (n_weights * size_) * n_weights + k % n_weights] += found.weights[k];
  }
  return loss_.of(found.values);
}

template <class T>
std::vector<double> ExpectationObjective<T>::metric(std::span<const double> parameters,
                                                    MetricApprox approx) {
  return mean_rows(metric_tensor<T>(program_, at(parameters), Wrt::kWeights, approx), size_);
}

template <class T>
std::vector<double> ExpectationObjective<T>::fidelities(std::span<const double> parameters,
                                                        std::span<const double> rows,
                                                        std::size_t count) {
  const Rows all = beside(rows, count);
  const Side here{
      program_,
      size_ == 1
          ? at(parameters)
          : Batch{.size = all.size, .inputs = all.inputs, .weights = parameters, .rows = size_}};
  const Side there{program_, at_each(all)};
  const auto found = fidelity<T>(here, there);
  std::vector<double> out(count, 0.0);
  for (std::size_t k = 0; k < found.size(); ++k) {
    out[k / size_] += found[k] / static_cast<double>(size_);
  }
  return out;
}

template <class T>
std::vector<double> ExpectationObjective<T>::frequencies(std::span<const double> parameters,
                                                         std::size_t parameter) {
  const std::string& name = program_.weights[parameter];
  const int place = static_cast<int>(program_.inputs.size() + parameter);
  for (const auto& amplitude : program_.initial) {
    require(!program_.tape.depends_on(amplitude.entry, place, place + 1), "rotosolve: amplitudes ",
            "depend on '", name, "', so nothing is a Fourier series in it");
  }
  for (const qsim::Slot& slot : program_.slots) {
    require(program_.tape.is_linear(slot.entry, place),
            "rotosolve: an angle is no linear function "
            "of '",
            name, "'");
  }
  const auto coordinates = coordinates_of(program_);
  std::vector<double> direction(program_.n_parameters(), 0.0);
  direction[static_cast<std::size_t>(place)] = 1.0;
  std::vector<double> out;
  for (std::size_t sample = 0; sample < size_; ++sample) {
    const Point point(program_, *coordinates, at(parameters), sample);
    const Motion motion(program_, *coordinates, point, direction);
    std::vector<double> of_sample{0.0};
    for (std::size_t k = 0; k < coordinates->n_angles(); ++k) {
      const double speed = std::abs(motion.speeds[k]);
      if (speed == 0.0) continue;
      auto frequencies = qsim::frequencies(program_.slots[k].eigenvalues, kMostFrequencies);
      require(frequencies.has_value(), "rotosolve: the value has more than ", kMostFrequencies,
              " frequencies in '", name, "'");
      for (double& f : *frequencies) f *= speed;
      of_sample = combined(of_sample, *frequencies);
      require(of_sample.size() <= kMostFrequencies + 1, "rotosolve: the value has more than ",
              kMostFrequencies, " frequencies in '", name, "'");
    }
    out.insert(out.end(), of_sample.begin() + 1, of_sample.end());
  }
  out = combined(out, {});
  require(out.size() <= kMostFrequencies, "rotosolve: the value has more than ", kMostFrequencies,
          " frequencies in '", name, "'");
  return out;
}

template class ExpectationObjective<float>;
template class ExpectationObjective<double>;

}  // namespace qml
