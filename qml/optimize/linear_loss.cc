#include "qml/optimize/linear_loss.h"

#include <algorithm>
#include <cmath>

#include "qsim/core/error.h"

namespace qml {

using qsim::require;

LinearLoss::LinearLoss(const std::vector<qsim::Observable>& observables,
                       std::span<const double> coefficients, std::size_t size) {
  const std::size_t n = observables.size();
  require(coefficients.size() == n || coefficients.size() == n * size, "there are ",
          coefficients.size(), " coefficients for ", n, " observables",
          size > 1 ? qsim::concat(" and ", size, " rows of inputs") : "");
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    require(std::isfinite(coefficients[k]), "coefficients[", k, "] is ", coefficients[k],
            "; it must be finite");
  }
  by_values_ = repeated(coefficients, coefficients.size() == n ? size : 1);
  for (double& c : by_values_) c /= static_cast<double>(size);
  for (const auto& observable : observables) ranges_.push_back(range_of(observable));
}

std::vector<double> LinearLoss::of(std::span<const double> values) const {
  const std::size_t n = by_values_.size();
  std::vector<double> out(values.size() / n, 0.0);
  for (std::size_t k = 0; k < values.size(); ++k) out[k / n] += by_values_[k % n] * values[k];
  return out;
}

Precision LinearLoss::precision(double epsilon) const {
  Precision out{.epsilon = epsilon, .scale = 0.0, .spread = 0.0};
  for (std::size_t k = 0; k < by_values_.size(); ++k) {
    const double factor = std::abs(by_values_[k]);
    const auto [middle, spread] = ranges_[k % ranges_.size()];
    out.scale += factor * (std::abs(middle) + spread);
    out.spread += factor * spread;
  }
  return out;
}

LinearLoss::Range LinearLoss::range_of(const qsim::Observable& observable) {
  if (const auto* matrix = std::get_if<qsim::MatrixObservable>(&observable)) {
    const auto [low, high] = std::ranges::minmax(matrix->spectrum().eigenvalues);
    return {.middle = (low + high) / 2, .spread = (high - low) / 2};
  }
  Range out;
  for (const auto& term : std::get<qsim::PauliSum>(observable).terms()) {
    if (term.string.is_identity()) {
      out.middle += term.coefficient;
    } else {
      out.spread += std::abs(term.coefficient);
    }
  }
  return out;
}

std::vector<double> repeated(std::span<const double> values, std::size_t count) {
  std::vector<double> out;
  for (std::size_t k = 0; k < count; ++k) out.insert(out.end(), values.begin(), values.end());
  return out;
}

std::vector<double> each_repeated(std::span<const double> rows, std::size_t columns,
                                  std::size_t count) {
  std::vector<double> out;
  for (std::size_t first = 0; first < rows.size(); first += columns) {
    const auto copies = repeated(rows.subspan(first, columns), count);
    out.insert(out.end(), copies.begin(), copies.end());
  }
  return out;
}

}  // namespace qml
