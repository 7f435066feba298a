#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "qsim/core/types.h"

// What Eigen's templates take a compiler long for, compiled once: decompositions and products of
// matrices whose size is not known. Decompositions of large matrices answer interrupts.

namespace qsim {

struct Spectrum {
  std::vector<double> eigenvalues{};  // ascending
  Matrix eigenvectors{};              // in columns
};
Spectrum diagonalise(const Matrix& hermitian);
// The eigenvalues alone, ascending, in a fraction of the time.
std::vector<double> eigenvalues(const Matrix& hermitian);

struct RealSpectrum {
  Eigen::VectorXd eigenvalues{};   // ascending
  Eigen::MatrixXd eigenvectors{};  // in columns
};
RealSpectrum diagonalise(const Eigen::MatrixXd& symmetric);

// Σ_k eigenvalue_k |v_k⟩⟨v_k|, the vectors in columns.
Matrix from_spectrum(std::span<const double> eigenvalues, const Matrix& eigenvectors);

// The x of A x = b: of a symmetric matrix that is positive; the x with the least |A x − b|; and the
// smallest of those, pivots of a QR decomposition below `rank` times the largest taken for 0.
Eigen::VectorXd solve_positive(const Eigen::MatrixXd& a, const Eigen::VectorXd& b);
Eigen::VectorXd least_squares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b);
Eigen::VectorXd least_norm(const Eigen::MatrixXd& a, const Eigen::VectorXd& b, double rank);

Matrix product(const Matrix& a, const Matrix& b);
Matrix times_adjoint(const Eigen::Ref<const Matrix>& a, const Matrix& b);  // a b†
Matrix gram(const Matrix& m);                                              // m† m

}  // namespace qsim
