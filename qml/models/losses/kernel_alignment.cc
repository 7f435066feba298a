#include <Eigen/Core>
#include <algorithm>
#include <limits>

#include "qml/models/losses/whole_batch.h"
#include "qsim/core/error.h"

namespace qml {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstRows = Eigen::Map<const Rows>;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

ConstRows rows_of(std::span<const double> values, std::size_t rows) {
  return {values.data(), static_cast<Eigen::Index>(rows),
          static_cast<Eigen::Index>(values.size() / rows)};
}

Matrix products_of(const ConstRows& rows) { return rows * rows.transpose(); }

// exp(−|z − z′|²/(2s)) of the products z·z′.
void to_gaussian(Matrix& kernel, double bandwidth) {
  const Vector squares = kernel.diagonal();
  kernel *= 2;
  kernel.colwise() -= squares;
  kernel.rowwise() -= squares.transpose();
  kernel = (kernel.array() / (2 * bandwidth)).exp();
}

struct Direction {
  Matrix unit;
  double length = 0;
};

// A symmetric kernel of features without their weighted mean, entry (i, j) times the root of both
// shares, at length 1, and that length; of a constant 0 and infinity.
Direction direction_of(Matrix kernel, const Vector& shares, const Vector& roots) {
  constexpr double kRounding = 1e-14;
  const double whole = kernel.norm() / static_cast<double>(kernel.rows());
  const Vector mean = kernel * shares;
  kernel.colwise() -= mean;
  kernel.rowwise() -= mean.transpose();
  kernel.array() += mean.dot(shares);
  for (Eigen::Index k = 0; k < kernel.cols(); ++k) {
    kernel.col(k).array() *= roots[k] * roots.array();
  }
  const double length = kernel.norm();
  if (length <= kRounding * whole) {
    kernel.setZero();
    return {std::move(kernel), std::numeric_limits<double>::infinity()};
  }
  kernel /= length;
  return {std::move(kernel), length};
}

double misalignment(const LossBatch& batch, std::optional<double> bandwidth,
                    std::span<double> by_outputs) {
  qsim::require(batch.rows >= 1 && !batch.outputs.empty(), "outputs have no rows or no columns");
  const ConstRows outputs = rows_of(batch.outputs, batch.rows);
  const std::vector<double> given = shares_of(batch);
  const Vector shares = Eigen::Map<const Vector>(given.data(), outputs.rows());
  const Vector roots = shares.cwiseSqrt();
  Matrix kernel = products_of(outputs);
  if (bandwidth) to_gaussian(kernel, *bandwidth);
  const Direction ours = direction_of(kernel, shares, roots);
  const Direction theirs =
      direction_of(products_of(rows_of(batch.targets, batch.rows)), shares, roots);
  const double alignment = ours.unit.cwiseProduct(theirs.unit).sum();
  // By the kernel's entries; both are centred, and so are these.
  Matrix by_kernel = (theirs.unit - alignment * ours.unit) / ours.length;
  for (Eigen::Index k = 0; k < by_kernel.cols(); ++k) {
    by_kernel.col(k).array() *= roots[k] * roots.array();
  }
  Eigen::Map<Rows> out(by_outputs.data(), outputs.rows(), outputs.cols());
  if (!bandwidth) {
    out.noalias() = -2 * by_kernel * outputs;
    return 1 - alignment;
  }
  by_kernel.array() *= kernel.array();
  const Vector pulls = by_kernel.rowwise().sum();
  out.noalias() = pulls.asDiagonal() * outputs;
  out.noalias() -= by_kernel * outputs;
  out *= 2 / *bandwidth;
  return 1 - alignment;
}

}  // namespace

BatchLossFunction kernel_alignment(std::optional<double> bandwidth) {
  qsim::require(!bandwidth || (*bandwidth > 0 && std::isfinite(*bandwidth)), "the bandwidth is ",
                bandwidth.value_or(0), "; it must be a number greater than 0");
  return [bandwidth](const LossBatch& batch, std::span<double> by_outputs) {
    return misalignment(batch, bandwidth, by_outputs);
  };
}

}  // namespace qml
