#include "qsim/core/decompositions.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/Householder>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "qsim/core/abandonable.h"
#include "qsim/core/reflections.h"

namespace qsim {

using Eigen::MatrixXcd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

// By a tridiagonal matrix of numbers about 1, so that no square of them is too large or small.
RealSpectrum real_spectrum(const MatrixXd& symmetric) {
  const double largest = symmetric.cwiseAbs().maxCoeff();
  const double scale = largest > 0 ? largest : 1.0;
  const TridiagonalForm form = tridiagonalise(symmetric / scale);
  Eigen::SelfAdjointEigenSolver<MatrixXd> solver;
  solver.computeFromTridiagonal(form.diagonal, form.beside);
  RealSpectrum out{scale * solver.eigenvalues(), solver.eigenvectors()};
  form.reflections.apply(out.eigenvectors);
  return out;
}

// The solution of R x = c, of an upper triangle; of R† x = c.
VectorXd solve_upper(const MatrixXd& r, VectorXd c) {
  for (Eigen::Index k = c.size() - 1; k >= 0; --k) {
    c(k) /= r(k, k);
    c.head(k) -= c(k) * r.col(k).head(k);
  }
  return c;
}
VectorXd solve_transposed(const MatrixXd& r, VectorXd c) {
  for (Eigen::Index k = 0; k < c.size(); ++k) {
    c(k) = (c(k) - r.col(k).head(k).dot(c.head(k))) / r(k, k);
  }
  return c;
}

// The smallest x of R x = c, of rows that are not short.
VectorXd smallest_solution(const MatrixXd& r, const VectorXd& c) {
  if (r.rows() == r.cols()) return solve_upper(r, c);
  MatrixXd lower = r.transpose();
  const Reflections<double> q = triangularise(lower);
  MatrixXd out = MatrixXd::Zero(r.cols(), 1);
  out.col(0).head(c.size()) = solve_transposed(lower, c);
  q.apply(out);
  return out;
}

// By the longest of the columns that are left (Golub and Van Loan, Matrix Computations, 5.4.1).
VectorXd solve_by_longest(MatrixXd a, VectorXd b, double rank) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(a.cols()));
  for (Eigen::Index k = 0; k < a.cols(); ++k) order[static_cast<std::size_t>(k)] = k;
  VectorXd workspace(a.cols());
  Eigen::Index used = 0;
  double first = 0;
  for (; used < std::min(a.rows(), a.cols()); ++used) {
    const Eigen::Index rows = a.rows() - used;
    const Eigen::Index cols = a.cols() - used;
    Eigen::Index longest = 0;
    const double square =
        a.bottomRightCorner(rows, cols).colwise().squaredNorm().maxCoeff(&longest);
    if (used == 0) first = std::sqrt(square);
    if (std::sqrt(square) <= rank * first) break;
    longest += used;
    a.col(used).swap(a.col(longest));
    std::swap(order[static_cast<std::size_t>(used)], order[static_cast<std::size_t>(longest)]);
    double factor = 0;
    double length = 0;
    a.col(used).tail(rows).makeHouseholderInPlace(factor, length);
    const VectorXd essential = a.col(used).tail(rows - 1);
    a.bottomRightCorner(rows, cols - 1)
        .applyHouseholderOnTheLeft(essential, factor, workspace.data());
    b.tail(rows).applyHouseholderOnTheLeft(essential, factor, workspace.data());
    a(used, used) = length;
  }
  const VectorXd found =
      smallest_solution(a.topRows(used).triangularView<Eigen::Upper>(), b.head(used));
  VectorXd out(a.cols());
  for (Eigen::Index k = 0; k < a.cols(); ++k) out(order[static_cast<std::size_t>(k)]) = found(k);
  return out;
}

}  // namespace

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
  return abandonable(symmetric.rows(), [symmetric] { return real_spectrum(symmetric); });
}

Matrix from_spectrum(std::span<const double> eigenvalues, const Matrix& eigenvectors) {
  const Eigen::Map<const VectorXd> values(eigenvalues.data(), eigenvectors.cols());
  return times_adjoint(Matrix(eigenvectors * values.asDiagonal()), eigenvectors);
}

VectorXd solve_positive(const MatrixXd& a, const VectorXd& b) {
  return abandonable(a.rows(), [a, b]() -> VectorXd { return a.ldlt().solve(b); });
}

VectorXd least_squares(const MatrixXd& a, const VectorXd& b) {
  return least_norm(a, b, std::numeric_limits<double>::epsilon() * static_cast<double>(a.cols()));
}

VectorXd least_norm(const MatrixXd& a, const VectorXd& b, double rank) {
  return abandonable(a.cols(), [a, b, rank] { return solve_by_longest(a, b, rank); });
}

Matrix product(const Matrix& a, const Matrix& b) { return a * b; }

Matrix times_adjoint(const Eigen::Ref<const Matrix>& a, const Matrix& b) {
  return product(a, b.adjoint());
}

Matrix gram(const Matrix& m) { return product(m.adjoint(), m); }

}  // namespace qsim
