#include "qsim/hamiltonians/binary_problems.h"

#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/error.h"

namespace qsim {

PauliSum maxcut(WholeNumber n_qubits, const Edges& edges, std::span<const double> weights) {
  require(weights.empty() || weights.size() == edges.size(), "there are ", weights.size(),
          " weight(s) for ", edges.size(), " edge(s)");
  check_lattice(n_qubits, kMaxQubits, edges);
  std::vector<PauliTerm> terms;
  for (std::size_t k = 0; k < edges.size(); ++k) {
    const double half = weights.empty() ? 0.5 : weights[k] / 2;
    terms.push_back({half, {0, bit(edges[k].first) | bit(edges[k].second)}});
    terms.push_back({-half, {}});
  }
  return {n_qubits, terms};
}

PauliSum qubo(const Eigen::MatrixXd& matrix) {
  require(matrix.rows() == matrix.cols() && matrix.rows() >= 1 && matrix.rows() <= kMaxQubits,
          "the matrix of a QUBO is ", matrix.rows(), " x ", matrix.cols(),
          "; it must be square, of 1 to ", kMaxQubits, " rows");
  // x_i x_j = (1 − Z_i − Z_j + Z_i Z_j)/4, and x_i x_i = x_i.
  constexpr double kQuarter = 0.25;
  std::vector<PauliTerm> terms;
  for (int i = 0; i < matrix.rows(); ++i) {
    for (int j = 0; j < matrix.cols(); ++j) {
      const double quarter = kQuarter * matrix(i, j);
      terms.push_back({quarter, {}});
      terms.push_back({-quarter, {0, bit(i)}});
      terms.push_back({-quarter, {0, bit(j)}});
      terms.push_back({quarter, {0, bit(i) ^ bit(j)}});
    }
  }
  return {static_cast<int>(matrix.rows()), terms};
}

}  // namespace qsim
