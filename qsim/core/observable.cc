#include "qsim/core/observable.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <utility>

#include "qsim/core/abandonable.h"
#include "qsim/core/matrix.h"

namespace qsim {

MatrixObservable::MatrixObservable(Matrix matrix_in, std::vector<Qubit> qubits_in)
    : matrix(std::move(matrix_in)), qubits(std::move(qubits_in)) {
  require_distinct(qubits, kMaxQubits);
  require_square(matrix, qubits.size(), "the observable matrix");
  require_hermitian(matrix, "the observable matrix");
  matrix = ((matrix + matrix.adjoint()) / 2).eval();  // exactly, as gradients take it to be
  using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd>;
  const Solver solver = abandonable(matrix.rows(), [m = matrix] { return Solver(m); });
  eigenvalues.assign(solver.eigenvalues().begin(), solver.eigenvalues().end());
  eigenvectors = solver.eigenvectors();
}

bool MatrixObservable::operator==(const MatrixObservable& other) const {
  return qubits == other.qubits && matrix == other.matrix;  // as many qubits, so as many rows
}

int qubits_needed(const Observable& observable) {
  if (const auto* sum = std::get_if<PauliSum>(&observable)) return sum->n_qubits();
  const auto& qubits = std::get<MatrixObservable>(observable).qubits;
  return 1 + *std::max_element(qubits.begin(), qubits.end());
}

}  // namespace qsim
