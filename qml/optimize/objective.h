#pragma once

#include <limits>
#include <span>
#include <vector>

#include "qml/derivatives/metric_tensor.h"

namespace qml {

// How well exact values are known: to about epsilon · scale; and how far from their middle they go:
// what counts as a small difference is a share of that.
struct Precision {
  double epsilon = std::numeric_limits<double>::epsilon();
  double scale = 1.0;   // of the largest values
  double spread = 1.0;  // no two values differ by more than twice as much
};

// A function of parameters to be minimised, with what the rules of optimizer.h may ask of it. What
// an objective does not have throws ValueError naming it.
class Objective {
 public:
  Objective() = default;
  virtual ~Objective() = default;
  Objective(const Objective&) = delete;
  Objective& operator=(const Objective&) = delete;

  // Whether the same parameters always have the same value; estimates from shots do not.
  [[nodiscard]] virtual bool is_exact() const { return true; }
  [[nodiscard]] virtual Precision precision() const { return {}; }
  // The value at each of `count` rows of parameters.
  virtual std::vector<double> values(std::span<const double> rows, std::size_t count) = 0;
  // The value, and the gradient into `gradient`.
  virtual double gradient(std::span<const double> parameters, std::span<double> gradient) = 0;
  // The same at each of `count` rows; gradients row by row.
  virtual std::vector<double> gradients(std::span<const double> rows, std::size_t count,
                                        std::span<double> gradients);
  // The metric tensor, P × P.
  virtual std::vector<double> metric(std::span<const double> parameters, MetricApprox approx);
  // |⟨ψ(parameters)|ψ(row)⟩|² of each of `count` rows.
  virtual std::vector<double> fidelities(std::span<const double> parameters,
                                         std::span<const double> rows, std::size_t count);
  // The positive frequencies, ascending, of the value as a Fourier series in one parameter, all
  // others held.
  virtual std::vector<double> frequencies(std::span<const double> parameters,
                                          std::size_t parameter);
};

// ValueError where `count` rows of `n_parameters` numbers would be others than `n_values`.
void require_rows(std::size_t n_values, std::size_t n_parameters, std::size_t count);

// The mean of `count` rows of the same length.
std::vector<double> mean_rows(const std::vector<double>& rows, std::size_t count);

}  // namespace qml
