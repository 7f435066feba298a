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

struct ValueRange {
  double middle = 0.0;
  double spread = 0.0;
};

// All expectation values lie within middle ± spread.
ValueRange value_range(const qsim::Observable& observable) {
  if (const auto* matrix = std::get_if<qsim::MatrixObservable>(&observable)) {
    const auto [low, high] = std::ranges::minmax(matrix->spectrum().eigenvalues);
    return {.middle = (low + high) / 2, .spread = (high - low) / 2};
  }
  ValueRange out;
  for (const auto& term : std::get<qsim::PauliSum>(observable).terms()) {
    if (term.string.is_identity()) {
      out.middle += term.coefficient;
    } else {
      out.spread += std::abs(term.coefficient);
    }
  }
  return out;
}

// `count` copies, one after the other.
std::vector<double> repeated(std::span<const double> values, std::size_t count) {
  std::vector<double> out;
  for (std::size_t k = 0; k < count; ++k) out.insert(out.end(), values.begin(), values.end());
  return out;
}

// Every row of `columns` numbers `count` times.
std::vector<double> each_repeated(std::span<const double> rows, std::size_t columns,
                                  std::size_t count) {
  std::vector<double> out;
  for (std::size_t first = 0; first < rows.size(); first += columns) {
    const auto copies = repeated(rows.subspan(first, columns), count);
    out.insert(out.end(), copies.begin(), copies.end());
  }
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
      coefficients_(coefficients.begin(), coefficients.end()),
      sampling_(sampling) {
  check(program, Quantity::kExpval, sampling);
  const std::vector<double> weights(program.weights.size(), 0.0);
  check(program, at(weights));
  require(!weights.empty(), "the program has no weights to find");
  require(coefficients.size() == program.observables.size(), "there are ", coefficients.size(),
          " coefficients for ", program.observables.size(), " observables");
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    require(std::isfinite(coefficients[k]), "coefficients[", k, "] is ", coefficients[k],
            "; it must be finite");
  }
}

template <class T>
Batch ExpectationObjective<T>::at(std::span<const double> weights) const {
  return {.size = size_, .inputs = inputs_, .weights = weights};
}

template <class T>
Precision ExpectationObjective<T>::precision() const {
  Precision out{.epsilon = static_cast<double>(std::numeric_limits<T>::epsilon()),
                .scale = 0.0,
                .spread = 0.0};
  for (std::size_t k = 0; k < coefficients_.size(); ++k) {
    const double factor = std::abs(coefficients_[k]);
    const auto [middle, spread] = value_range(program_.observables[k]);
    out.scale += factor * (std::abs(middle) + spread);
    out.spread += factor * spread;
  }
  return out;
}

template <class T>
Sampling ExpectationObjective<T>::next_sampling() {
  const Sampling out = sampling_;
  if (out.shots) sampling_.seed = qsim::Random(sampling_.seed, 1).bits();
  return out;
}

template <class T>
std::vector<double> ExpectationObjective<T>::values(std::span<const double> rows,
                                                    std::size_t count) {
  const std::size_t n = coefficients_.size();
  const auto inputs = repeated(inputs_, count);
  const auto weights = each_repeated(rows, program_.weights.size(), size_);
  const auto found = expval<T>(program_,
                               {.size = count * size_,
                                .inputs = inputs,
                                .weights = weights,
                                .weights_per_sample = true,
                                .rows = size_},
                               next_sampling());
  std::vector<double> out(count, 0.0);
  for (std::size_t k = 0; k < found.size(); ++k) {
    out[k / (n * size_)] += coefficients_[k % n] * found[k] / static_cast<double>(size_);
  }
  return out;
}

template <class T>
double ExpectationObjective<T>::gradient(std::span<const double> parameters,
                                         std::span<double> gradient) {
  if (!std::ranges::equal(parameters, last_at_) || sampling_.shots) {
    std::vector<double> cotangent;
    for (const double c : coefficients_) cotangent.push_back(c / static_cast<double>(size_));
    const std::size_t n = cotangent.size();
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
        found.weights[k % n_weights] += cotangent[k / n_weights % n] * j.weights[k];
      }
    } else {
      found = vjp<T>(program_, at(parameters), repeated(cotangent, size_));
    }
    last_value_ = 0;
    for (std::size_t k = 0; k < found.values.size(); ++k) {
      last_value_ += cotangent[k % n] * found.values[k];
    }
    last_gradient_ = std::move(found.weights);
    last_at_.assign(parameters.begin(), parameters.end());
  }
  std::ranges::copy(last_gradient_, gradient.begin());
  return last_value_;
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
  const auto inputs = repeated(inputs_, count);
  const auto weights = each_repeated(rows, program_.weights.size(), size_);
  const Side here{
      program_,
      size_ == 1
          ? at(parameters)
          : Batch{.size = count * size_, .inputs = inputs, .weights = parameters, .rows = size_}};
  const Side there{program_,
                   {.size = count * size_,
                    .inputs = inputs,
                    .weights = weights,
                    .weights_per_sample = true,
                    .rows = size_}};
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
