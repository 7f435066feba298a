#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "qml/gradients/blocks.h"
#include "qml/gradients/bra.h"
#include "qml/gradients/differentiate.h"
#include "qml/gradients/layered_workspace.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"

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

// The same as sweep below for batches that run in blocks.
template <class T, class Cotangent>
void sweep_blocks(const Program& program, const Batch& batch, Quantity quantity,
                  const Cotangent& cotangent_of, VjpBuffers& buffers) {
  Gradients& out = buffers.gradients;
  const std::size_t n = n_values(program, quantity);
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  const std::size_t n_entries = program.tape.size();
  const std::size_t n_blocks = (batch.size + qsim::kBlock<T> - 1) / qsim::kBlock<T>;
  const bool summed = !batch.weights_per_sample;
  // ∂/∂tape entry of every block: what is the same for all samples is differentiated once.
  std::vector<double>& adjoints = buffers.adjoints;
  adjoints.assign(summed ? n_blocks * n_entries : 0, 0.0);
  const auto body = [&](std::size_t first, BlockWorker<T>& worker) {
    qsim::Block<T>& block = worker.block();
    const std::size_t count = block.count();
    block.forward();
    const auto values = std::span(out.values).subspan(first * n, count * n);
    worker.values(quantity, {}, first, values);
    worker.fill_bra(0, quantity, cotangent_of(first, count, values));
    worker.sweep().run(block);
    const auto shared =
        summed ? std::span(adjoints).subspan(first / qsim::kBlock<T> * n_entries, n_entries)
               : std::span<double>();
    for (qsim::Index lane = 0; lane < count; ++lane) {
      const auto inputs = std::span(out.inputs).subspan((first + lane) * n_inputs, n_inputs);
      if (summed) {
        worker.sweep().read_shared(block, lane, inputs, shared);
      } else {
        worker.sweep().read(block, 0, lane, inputs,
                            std::span(out.weights).subspan((first + lane) * n_weights, n_weights));
      }
    }
    if (summed) worker.sweep().add_shared(shared);
  };
  const auto finish = [&](const qsim::SharedBinding<T>& shared) {
    if (!summed) return;
    sum_rows(adjoints, n_entries);
    program.tape.reverse_some(shared.same_entries(), shared.values(), adjoints);
    std::copy_n(adjoints.begin() + static_cast<std::ptrdiff_t>(n_inputs), n_weights,
                out.weights.begin());
  };
  for_blocks<T>(program, batch, {.n_bras = 1}, std::ref(body), std::ref(finish));
}

// cotangent_of(first, count, values) returns the cotangents of some samples' values, row by row.
template <class T, class Cotangent>
void sweep(const Program& program, const Batch& batch, Quantity quantity,
           const Cotangent& cotangent_of, VjpBuffers& buffers) {
  const std::size_t n = n_values(program, quantity);
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  const bool in_blocks = runs_in_blocks<T>(program, batch);
  const std::size_t weight_rows = in_blocks && !batch.weights_per_sample ? 1 : batch.size;
  Gradients& out = buffers.gradients;
  out.values.assign(batch.size * n, 0.0);
  out.inputs.assign(batch.size * n_inputs, 0.0);
  out.weights.assign(weight_rows * n_weights, 0.0);
  if (in_blocks) return sweep_blocks<T>(program, batch, quantity, cotangent_of, buffers);
  const auto one = [&](std::size_t sample, auto& workspace) {
    const auto values = std::span(out.values).subspan(sample * n, n);
    qsim::poll_interrupt();
    workspace.forward();
    const qsim::State<T>& ket = workspace.ket();
    read_values(program, ket, quantity, {}, sample, 0, values);
    fill_bra_state(program, quantity, cotangent_of(sample, 1, values), ket, workspace.bra());
    workspace.backward(std::span(out.inputs).subspan(sample * n_inputs, n_inputs),
                       std::span(out.weights).subspan(sample * n_weights, n_weights));
  };
  if (runs_layered<T>(program, batch)) {
    for_layered<T>(program, batch, true, std::ref(one));
  } else {
    for_samples<T>(program, batch, one);
  }
  if (!batch.weights_per_sample) sum_rows(out.weights, n_weights);
}

}  // namespace

template <class T>
void vjp(const Program& program, const Batch& batch, const CotangentOf& cotangent_of,
         VjpBuffers& buffers, Quantity quantity) {
  check_all(program, batch, quantity);
  const std::size_t n = n_values(program, quantity);
  buffers.cotangents.resize(batch.size * n);
  const auto cotangents = [&](std::size_t first, std::size_t count,
                              std::span<const double> values) {
    const auto rows = std::span(buffers.cotangents).subspan(first * n, count * n);
    for (std::size_t k = 0; k < count; ++k) {
      cotangent_of(first + k, values.subspan(k * n, n), rows.subspan(k * n, n));
    }
    return std::span<const double>(rows);
  };
  sweep<T>(program, batch, quantity, cotangents, buffers);
}

template <class T>
Gradients vjp(const Program& program, const Batch& batch, const CotangentOf& cotangent_of,
              Quantity quantity) {
  VjpBuffers buffers;
  vjp<T>(program, batch, cotangent_of, buffers, quantity);
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

template void vjp<float>(const Program&, const Batch&, const CotangentOf&, VjpBuffers&, Quantity);
template void vjp<double>(const Program&, const Batch&, const CotangentOf&, VjpBuffers&, Quantity);
template Gradients vjp<float>(const Program&, const Batch&, const CotangentOf&, Quantity);
template Gradients vjp<double>(const Program&, const Batch&, const CotangentOf&, Quantity);
template Gradients vjp<float>(const Program&, const Batch&, std::span<const double>, Quantity);
template Gradients vjp<double>(const Program&, const Batch&, std::span<const double>, Quantity);

}  // namespace qml
