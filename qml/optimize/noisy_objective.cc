#include "qml/optimize/noisy_objective.h"

#include <algorithm>
#include <limits>

#include "qsim/core/error.h"
#include "qsim/core/random.h"

namespace qml {

template <class T>
NoisyObjective<T>::NoisyObjective(const NoisyProgram& program, std::span<const double> inputs,
                                  std::span<const double> coefficients,
                                  const NoisySampling& sampling)
    : program_(program),
      size_(n_inputs() == 0 ? 1 : inputs.size() / n_inputs()),
      inputs_(inputs.begin(), inputs.end()),
      loss_(program.observables, coefficients, size_),
      sampling_(sampling) {
  qsim::require(n_weights() > 0, "the program has no weights to find");
}

template <class T>
Precision NoisyObjective<T>::precision() const {
  return loss_.precision(std::numeric_limits<T>::epsilon());
}

template <class T>
std::vector<double> NoisyObjective<T>::beside(std::span<const double> weights,
                                              std::size_t count) const {
  require_rows(weights.size(), n_weights(), count);
  std::vector<double> out;
  out.reserve(count * size_ * (n_inputs() + n_weights()));
  for (std::size_t k = 0; k < count; ++k) {
    const auto row = weights.subspan(k * n_weights(), n_weights());
    for (std::size_t sample = 0; sample < size_; ++sample) {
      const auto input = std::span(inputs_).subspan(sample * n_inputs(), n_inputs());
      out.insert(out.end(), input.begin(), input.end());
      out.insert(out.end(), row.begin(), row.end());
    }
  }
  return out;
}

template <class T>
NoisySampling NoisyObjective<T>::next_sampling() {
  const NoisySampling out = sampling_;
  if (out.trajectories) sampling_.seed = qsim::Random(sampling_.seed, 1).bits();
  return out;
}

template <class T>
std::vector<double> NoisyObjective<T>::values(std::span<const double> rows, std::size_t count) {
  return loss_.of(
      noisy_expval<T>(program_, beside(rows, count), next_sampling(), count * size_).values);
}

template <class T>
double NoisyObjective<T>::gradient(std::span<const double> parameters, std::span<double> gradient) {
  const std::vector<double> rows = beside(parameters, 1);
  const double value = values(parameters, 1).front();
  const std::size_t width = n_inputs() + n_weights();
  std::ranges::fill(gradient, 0.0);
  // Σ over rows of numbers for every parameter, times a factor each.
  const auto add = [&](std::span<const double> found, std::span<const double> factors) {
    for (std::size_t row = 0; row < found.size() / width; ++row) {
      const auto by_weights = found.subspan(row * width + n_inputs(), n_weights());
      for (std::size_t k = 0; k < gradient.size(); ++k) {
        gradient[k] += (factors.empty() ? 1.0 : factors[row]) * by_weights[k];
      }
    }
  };
  if (sampling_.trajectories) {
    add(noisy_jacobian<T>(program_, rows, next_sampling(), size_).values, loss_.by_values());
  } else {
    add(noisy_vjp<T>(program_, rows, loss_.by_values(), size_), {});
  }
  return value;
}

template class NoisyObjective<float>;
template class NoisyObjective<double>;

}  // namespace qml
