#include "qsim/core/decompositions.h"

#include <Eigen/Dense>
#include <limits>

#include "qsim/core/abandonable.h"

namespace qsim {

using Eigen::MatrixXcd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Spectrum diagonalise(const Matrix& hermitian) {
  using Solver = Eigen::SelfAdjointEigenSolver<MatrixXcd>;
  const Solver solver = abandonable(hermitian.rows(), [hermitian] { return Solver(hermitian); });
  return {{solver.eigenvalues().begin(), solver.eigenvalues().end()}, solver.eigenvectors()};
}

std::vector<double> eigenvalues(const Matrix& hermitian) {
  using Solver = Eigen::SelfAdjointEigenSolver<MatrixXcd>;
  return abandonable(hermitian.rows(), [hermitian]() -> std::vector<double> {
    const Solver solver(hermitian, Eigen::EigenvaluesOnly);
    return {solver.eigenvalues().begin(), solver.eigenvalues().end()};
  });
}

RealSpectrum diagonalise(const MatrixXd& symmetric) {
  using Solver = Eigen::SelfAdjointEigenSolver<MatrixXd>;
  const Solver solver = abandonable(symmetric.rows(), [symmetric] { return Solver(symmetric); });
  return {solver.eigenvalues(), solver.eigenvectors()};
}

Matrix from_spectrum(std::span<const double> eigenvalues, const Matrix& eigenvectors) {
  const Eigen::Map<const VectorXd> values(eigenvalues.data(), eigenvectors.cols());
  return times_adjoint(eigenvectors * values.asDiagonal(), eigenvectors);
}

VectorXd solve_positive(const MatrixXd& a, const VectorXd& b) {
  return abandonable(a.rows(), [a, b]() -> VectorXd { return a.ldlt().solve(b); });
}

VectorXd least_squares(const MatrixXd& a, const VectorXd& b) {
  return least_norm(a, b, std::numeric_limits<double>::epsilon() * static_cast<double>(a.cols()));
}

VectorXd least_norm(const MatrixXd& a, const VectorXd& b, double rank) {
  return abandonable(a.cols(), [a, b, rank]() -> VectorXd {
    Eigen::CompleteOrthogonalDecomposition<MatrixXd> solver;
    solver.setThreshold(rank);
    return solver.compute(a).solve(b);
  });
}

Matrix product(const Matrix& a, const Matrix& b) { return a * b; }

Matrix times_adjoint(const Eigen::Ref<const Matrix>& a, const Matrix& b) { return a * b.adjoint(); }

Matrix gram(const Matrix& m) { return m.adjoint() * m; }

}  // namespace qsim
