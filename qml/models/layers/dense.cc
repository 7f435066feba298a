#include "qml/models/layers/dense.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "qsim/core/count_work.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"

namespace qml {
namespace {

using DenseRows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstRows = Eigen::Map<const DenseRows>;
using MutableRows = Eigen::Map<DenseRows>;
using RowVector = Eigen::RowVectorXd;

Eigen::Index at(std::size_t k) { return static_cast<Eigen::Index>(k); }

ConstRows rows_of(std::span<const double> values, std::size_t rows, std::size_t columns) {
  return {values.data(), at(rows), at(columns)};
}
MutableRows rows_of(std::span<double> values, std::size_t rows, std::size_t columns) {
  return {values.data(), at(rows), at(columns)};
}

// Calls body(first, count) for rows, so many at a time as take some milliseconds.
template <class Body>
void for_parts(std::size_t rows, std::size_t products_a_row, const Body& body) {
  constexpr std::size_t kProducts = std::size_t{1} << 24U;
  const std::size_t most = std::max<std::size_t>(1, kProducts / products_a_row);
  for (std::size_t first = 0; first < rows; first += most) {
    if (first > 0) qsim::poll_interrupt();
    body(first, std::min(most, rows - first));
  }
}

}  // namespace

Dense::Dense(std::size_t n_inputs, std::size_t n_outputs, bool bias)
    : n_inputs_(n_inputs), n_outputs_(n_outputs), bias_(bias) {
  qsim::require(n_inputs >= 1 && n_outputs >= 1, "a dense layer from ", n_inputs, " to ", n_outputs,
                " values; it needs at least one of both");
  qsim::require_memory(
      static_cast<double>(n_inputs) * static_cast<double>(n_outputs) * sizeof(double),
      "the matrix of a dense layer");
}

std::size_t Dense::n_parameters() const { return n_outputs_ * (n_inputs_ + (bias_ ? 1 : 0)); }

std::vector<std::string> Dense::parameter_names() const {
  // Of millions: written piece by piece, the pieces made once.
  std::vector<std::string> columns;
  for (std::size_t j = 0; j < n_inputs_; ++j) columns.push_back(std::to_string(j) + "]");
  std::vector<std::string> out;
  out.reserve(n_parameters());
  for (std::size_t i = 0; i < n_outputs_; ++i) {
    qsim::count_work(n_inputs_);
    const std::string row = "weight[" + std::to_string(i) + ",";
    for (const std::string& column : columns) out.push_back(row + column);
  }
  for (std::size_t i = 0; bias_ && i < n_outputs_; ++i) {
    out.push_back("bias[" + std::to_string(i) + "]");
  }
  return out;
}

void Dense::initialize(std::span<double> parameters, qsim::Random& random,
                       double /*spread*/) const {
  const double most = 1 / std::sqrt(static_cast<double>(n_inputs_));
  for (double& value : parameters) value = most * (2 * random.uniform() - 1);
}

void Dense::forward(const LayerCall& call, std::span<double> outputs) const {
  const auto w = rows_of(call.parameters.first(n_outputs_ * n_inputs_), n_outputs_, n_inputs_);
  for_parts(call.rows, n_inputs_ * n_outputs_, [&](std::size_t first, std::size_t count) {
    const auto x = rows_of(call.inputs.subspan(first * n_inputs_), count, n_inputs_);
    auto y = rows_of(outputs.subspan(first * n_outputs_), count, n_outputs_);
    y.noalias() = x * w.transpose();
    if (bias_) y.rowwise() += RowVector(rows_of(call.parameters.last(n_outputs_), 1, n_outputs_));
  });
}

void Dense::pull(const LayerCall& call, std::span<const double> /*outputs*/,
                 std::span<const double> cotangents, std::span<double> by_inputs) const {
  const auto w = rows_of(call.parameters.first(n_outputs_ * n_inputs_), n_outputs_, n_inputs_);
  for_parts(call.rows, n_inputs_ * n_outputs_, [&](std::size_t first, std::size_t count) {
    const auto g = rows_of(cotangents.subspan(first * n_outputs_), count, n_outputs_);
    rows_of(by_inputs.subspan(first * n_inputs_), count, n_inputs_).noalias() = g * w;
  });
}

void Dense::sum_by_parameters(const LayerCall& call, std::span<const double> /*outputs*/,
                              std::span<const double> cotangents,
                              std::span<double> by_parameters) const {
  auto by_weight = rows_of(by_parameters.first(n_outputs_ * n_inputs_), n_outputs_, n_inputs_);
  std::ranges::fill(by_parameters, 0.0);
  for_parts(call.rows, n_inputs_ * n_outputs_, [&](std::size_t first, std::size_t count) {
    const auto x = rows_of(call.inputs.subspan(first * n_inputs_), count, n_inputs_);
    const auto g = rows_of(cotangents.subspan(first * n_outputs_), count, n_outputs_);
    by_weight.noalias() += g.transpose() * x;
    if (bias_) rows_of(by_parameters.last(n_outputs_), 1, n_outputs_) += g.colwise().sum();
  });
}

nlohmann::json Dense::to_json() const {
  return {{"kind", "dense"}, {"n_inputs", n_inputs_}, {"n_outputs", n_outputs_}, {"bias", bias_}};
}

}  // namespace qml
