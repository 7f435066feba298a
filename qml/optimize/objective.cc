#include "qml/optimize/objective.h"

#include "qsim/core/error.h"

namespace qml {

std::vector<double> Objective::gradients(std::span<const double> rows, std::size_t count,
                                         std::span<double> gradients) {
  const std::size_t n = rows.size() / count;
  std::vector<double> out;
  for (std::size_t k = 0; k < count; ++k) {
    out.push_back(gradient(rows.subspan(k * n, n), gradients.subspan(k * n, n)));
  }
  return out;
}
std::vector<double> Objective::metric(std::span<const double>, MetricApprox) {
  qsim::fail("this objective has no metric tensor, which 'qng' needs");
}
std::vector<double> Objective::fidelities(std::span<const double>, std::span<const double>,
                                          std::size_t) {
  qsim::fail("this objective has no fidelities, which 'qnspsa' needs");
}
std::vector<double> Objective::frequencies(std::span<const double>, std::size_t) {
  qsim::fail("this objective has no frequencies, which 'rotosolve' needs");
}

void require_rows(std::size_t n_values, std::size_t n_parameters, std::size_t count) {
  qsim::require(n_values == count * n_parameters, "there are ", n_parameters, " parameter(s), so ",
                count, " row(s) need ", count * n_parameters, " values, got ", n_values);
}

std::vector<double> mean_rows(const std::vector<double>& rows, std::size_t count) {
  const std::size_t columns = rows.size() / count;
  std::vector<double> out(columns, 0.0);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    out[k % columns] += rows[k] / static_cast<double>(count);
  }
  return out;
}

}  // namespace qml
