#pragma once

#include <span>
#include <vector>

#include "qml/optimize/objective.h"
#include "qsim/core/observable.h"

namespace qml {

// The mean over some samples of Σ_k coefficient_k ⟨O_k⟩; the coefficients may be others for every
// sample.
class LinearLoss {
 public:
  // coefficients: one an observable, or as many for every sample. Throws ValueError for another
  // number and for one that is not finite.
  LinearLoss(const std::vector<qsim::Observable>& observables, std::span<const double> coefficients,
             std::size_t size);

  // Its derivatives by the values: size × n_observables.
  [[nodiscard]] std::span<const double> by_values() const { return by_values_; }
  // From values of rows of samples: one number a row.
  [[nodiscard]] std::vector<double> of(std::span<const double> values) const;
  // How well it is known from values of this epsilon.
  [[nodiscard]] Precision precision(double epsilon) const;

 private:
  struct Range {  // all expectation values lie within middle ± spread
    double middle = 0.0;
    double spread = 0.0;
  };
  static Range range_of(const qsim::Observable& observable);

  std::vector<double> by_values_;
  std::vector<Range> ranges_;
};

// `count` copies, one after the other.
std::vector<double> repeated(std::span<const double> values, std::size_t count);
// Every row of `columns` numbers `count` times.
std::vector<double> each_repeated(std::span<const double> rows, std::size_t columns,
                                  std::size_t count);

}  // namespace qml
