#include "qsim/core/decompositions.h"

#include <Eigen/QR>
#include <algorithm>
#include <array>

#include "qsim/core/reflections.h"
#include "tests/catch.h"

// Against what defines a decomposition, and Eigen's own, at sizes with and without blocks.

namespace {

using Eigen::MatrixXcd;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kSmall = 1e-12;

double largest(const MatrixXcd& matrix) { return matrix.cwiseAbs().maxCoeff(); }

}  // namespace

TEST_CASE("A QR decomposition is one, at any size") {
  for (const Eigen::Index size : {1, 2, 7, 48, 49, 100}) {
    const MatrixXcd given = MatrixXcd::Random(size, size);
    MatrixXcd r = given;
    const MatrixXcd q = qsim::triangularise(r).matrix();
    CHECK(largest(q.adjoint() * q - MatrixXcd::Identity(size, size)) < kSmall);
    CHECK(largest(q * r - given) < kSmall);
    CHECK(largest(MatrixXcd(r.triangularView<Eigen::StrictlyLower>())) == 0);
    CHECK(r.diagonal().imag().cwiseAbs().maxCoeff() == 0);
  }
}

TEST_CASE("A symmetric matrix has its spectrum, at any size and scale") {
  for (const Eigen::Index size : {1, 2, 3, 20, 60, 130}) {
    for (const double scale : {1.0, 1e-200, 1e200, 0.0}) {
      const MatrixXd half = scale * MatrixXd::Random(size, size);
      const MatrixXd given = half + half.transpose();
      const auto [values, vectors] = qsim::diagonalise(given);
      CHECK(largest(vectors.transpose() * vectors - MatrixXd::Identity(size, size)) < kSmall);
      CHECK(largest(given * vectors - vectors * values.asDiagonal()) <= 100 * kSmall * scale);
      CHECK(std::is_sorted(values.begin(), values.end()));
    }
  }
}

TEST_CASE("The least solution is that of a complete orthogonal decomposition") {
  constexpr double kRank = 1e-10;
  struct Shape {
    Eigen::Index rows, cols, rank;
  };
  for (const auto [rows, cols, rank] : {Shape{5, 5, 5}, Shape{9, 4, 4}, Shape{4, 9, 4},
                                        Shape{30, 20, 7}, Shape{20, 90, 60}, Shape{70, 70, 55}}) {
    const MatrixXd a = MatrixXd::Random(rows, rank) * MatrixXd::Random(rank, cols);
    const VectorXd b = VectorXd::Random(rows);
    Eigen::CompleteOrthogonalDecomposition<MatrixXd> reference;
    reference.setThreshold(kRank);
    const VectorXd expected = reference.compute(a).solve(b);
    CHECK((qsim::least_norm(a, b, kRank) - expected).norm() < 1e-9 * expected.norm());
  }
  CHECK(qsim::least_norm(MatrixXd::Zero(3, 2), VectorXd::Ones(3), kRank) == VectorXd::Zero(2));
}
