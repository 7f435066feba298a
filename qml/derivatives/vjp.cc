#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "qml/derivatives/differentiate.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/engines/batch_run.h"

namespace qml {
namespace {

using qsim::Program;
using qsim::require;

void check_all(const Program& program, const Batch& batch, Quantity quantity) {
  check(program, quantity, {});
  check(program, batch);
  const std::size_t numbers =  // of values, cotangents and derivatives
      2 * n_values(program, quantity) + program.n_parameters();
  const double bytes =
      static_cast<double>(batch.size) * static_cast<double>(numbers) * sizeof(double);
  constexpr double kAlwaysThere = 1 << 20;
  if (bytes > kAlwaysThere) qsim::require_memory(bytes, "the gradients of a batch");
}

// Adds the rows of all samples up, in the order of the samples.
void sum_rows(std::vector<double>& rows, std::size_t n_columns) {
  for (std::size_t k = n_columns; k < rows.size(); ++k) rows[k % n_columns] += rows[k];
  rows.resize(n_columns);
}

// cotangent_of(first, count, values) returns the cotangents of some samples' values, row by row.
template <class T, class Cotangent>
void sweep(const Program& program, const Batch& batch, Quantity quantity,
           const Cotangent& cotangent_of, VjpBuffers& buffers) {
  const std::size_t n = n_values(program, quantity);
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  const bool summed = !batch.weights_per_sample;
  qsim::BatchRun<T> run(program, batch, {.n_bras = 1, .expectations = quantity == Quantity::kExpval});
  const std::size_t n_sums = run.engine().n_sums();
  Gradients& out = buffers.gradients;
  out.values.assign(batch.size * n, 0.0);
  out.inputs.assign(batch.size * n_inputs, 0.0);
  out.weights.assign((summed ? 1 : batch.size) * n_weights, 0.0);
  buffers.sums.assign(summed ? run.n_slices() * n_sums : 0, 0.0);  // of every slice
  const auto body = [&](qsim::Worker<T>& worker) {
    const std::size_t first = worker.first();
    const std::size_t count = worker.count();
    const auto values = std::span(out.values).subspan(first * n, count * n);
    const auto inputs = std::span(out.inputs).subspan(first * n_inputs, count * n_inputs);
    worker.forward();
    worker.values(quantity, {}, values);
    worker.set_bra(0, quantity, cotangent_of(first, count, values));
    worker.backward();
    if (summed) {
      const std::size_t slice = first / run.slice_size();
      return worker.read_sums(inputs, std::span(buffers.sums).subspan(slice * n_sums, n_sums));
    }
    for (std::size_t k = 0; k < count; ++k) {
      worker.read(0, k, inputs.subspan(k * n_inputs, n_inputs),
                  std::span(out.weights).subspan((first + k) * n_weights, n_weights));
    }
  };
  run.for_slices(std::ref(body));
  if (!summed) return;
  sum_rows(buffers.sums, n_sums);
  run.engine().finish(buffers.sums, out.weights);
}

}  // namespace

template <class T>
void vjp(const Program& program, const Batch& batch, const CotangentsOf& cotangents_of,
         VjpBuffers& buffers, Quantity quantity) {
  check_all(program, batch, quantity);
  const std::size_t n = n_values(program, quantity);
  buffers.cotangents.resize(batch.size * n);
  const auto cotangents = [&](std::size_t first, std::size_t count,
                              std::span<const double> values) {
    const auto rows = std::span(buffers.cotangents).subspan(first * n, count * n);
    cotangents_of(first, count, values, rows);
    return std::span<const double>(rows);
  };
  sweep<T>(program, batch, quantity, cotangents, buffers);
}

template <class T>
Gradients vjp(const Program& program, const Batch& batch, const CotangentsOf& cotangents_of,
              Quantity quantity) {
  VjpBuffers buffers;
  vjp<T>(program, batch, cotangents_of, buffers, quantity);
  return std::move(buffers.gradients);
}

template <class T>
Gradients vjp(const Program& program, const Batch& batch, std::span<const double> cotangent,
              Quantity quantity) {
  check_all(program, batch, quantity);
  const std::size_t n = n_values(program, quantity);
  require(cotangent.size() == batch.size * n, "a cotangent of ", name_of(quantity), " for ",
          batch.size, " sample(s) of ", n, " value(s) needs ", batch.size * n, " values, got ",
          cotangent.size());
  const std::size_t parts = quantity == Quantity::kState ? 2 : 1;
  for (std::size_t k = 0; k < cotangent.size(); ++k) {
    require(std::isfinite(cotangent[k]), "the cotangent of value ", k % n / parts,
            sample_text(batch, k / n), " is ", cotangent[k], "; it must be finite");
  }
  VjpBuffers buffers;
  const auto rows = [&](std::size_t first, std::size_t count, std::span<const double>) {
    return cotangent.subspan(first * n, count * n);
  };
  sweep<T>(program, batch, quantity, rows, buffers);
  return std::move(buffers.gradients);
}

template void vjp<float>(const Program&, const Batch&, const CotangentsOf&, VjpBuffers&, Quantity);
template void vjp<double>(const Program&, const Batch&, const CotangentsOf&, VjpBuffers&, Quantity);
template Gradients vjp<float>(const Program&, const Batch&, const CotangentsOf&, Quantity);
template Gradients vjp<double>(const Program&, const Batch&, const CotangentsOf&, Quantity);
template Gradients vjp<float>(const Program&, const Batch&, std::span<const double>, Quantity);
template Gradients vjp<double>(const Program&, const Batch&, std::span<const double>, Quantity);

}  // namespace qml
