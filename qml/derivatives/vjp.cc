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

// One sweep over a batch and what it writes.
template <class T>
class Sweep {
 public:
  Sweep(const Program& program, const Batch& batch, Quantity quantity, VjpBuffers& buffers)
      : quantity_(quantity),
        n_(n_values(program, quantity)),
        n_inputs_(program.inputs.size()),
        n_weights_(program.weights.size()),
        summed_(!batch.weights_per_sample),
        out_(buffers.gradients),
        sums_(buffers.sums),
        run_(program, batch, {.n_bras = 1, .reads = qsim::reads_of(quantity)}),
        n_sums_(run_.engine().n_sums()) {
    out_.values.assign(batch.size * n_, 0.0);
    out_.inputs.assign(batch.size * n_inputs_, 0.0);
    out_.weights.assign((summed_ ? 1 : batch.size) * n_weights_, 0.0);
    sums_.assign(summed_ ? run_.n_slices() * n_sums_ : 0, 0.0);  // of every slice
  }

  [[nodiscard]] qsim::BatchRun<T>& run() { return run_; }

  std::span<double> forward(qsim::Worker<T>& worker) {
    const auto values = rows(out_.values, worker, n_);
    worker.forward();
    worker.values(quantity_, {}, values);
    return values;
  }

  void back(qsim::Worker<T>& worker, std::span<const double> cotangents) {
    const auto inputs = rows(out_.inputs, worker, n_inputs_);
    worker.set_bra(0, quantity_, cotangents);
    worker.backward();
    if (summed_) {
      const std::size_t slice = worker.first() / run_.slice_size();
      return worker.read_sums(inputs, std::span(sums_).subspan(slice * n_sums_, n_sums_));
    }
    for (std::size_t k = 0; k < worker.count(); ++k) {
      worker.read(0, k, inputs.subspan(k * n_inputs_, n_inputs_),
                  std::span(out_.weights).subspan((worker.first() + k) * n_weights_, n_weights_));
    }
  }

  void finish() {
    if (!summed_) return;
    sum_rows(sums_, n_sums_);
    run_.engine().finish(sums_, out_.weights);
  }

 private:
  static std::span<double> rows(std::vector<double>& all, const qsim::Worker<T>& worker,
                                std::size_t columns) {
    return std::span(all).subspan(worker.first() * columns, worker.count() * columns);
  }

  Quantity quantity_;
  std::size_t n_;
  std::size_t n_inputs_;
  std::size_t n_weights_;
  bool summed_;
  Gradients& out_;
  std::vector<double>& sums_;
  qsim::BatchRun<T> run_;
  std::size_t n_sums_;
};

// cotangents_of(first, count, values) returns the cotangents of some samples' values, row by row.
template <class T, class Cotangents>
void sweep(const Program& program, const Batch& batch, Quantity quantity,
           const Cotangents& cotangents_of, VjpBuffers& buffers) {
  Sweep<T> whole(program, batch, quantity, buffers);
  const auto body = [&](qsim::Worker<T>& worker) {
    const auto values = whole.forward(worker);
    whole.back(worker, cotangents_of(worker.first(), worker.count(), values));
  };
  whole.run().for_slices(std::ref(body));
  whole.finish();
}

// The same where cotangents are those of all samples, known when all values are.
template <class T>
void sweep_at_once(const Program& program, const Batch& batch, Quantity quantity,
                   const CotangentsOf& cotangents_of, VjpBuffers& buffers) {
  const std::size_t n = n_values(program, quantity);
  Sweep<T> whole(program, batch, quantity, buffers);
  const bool held = whole.run().can_hold();
  const auto forward = [&](qsim::Worker<T>& worker) { whole.forward(worker); };
  const auto back = [&](qsim::Worker<T>& worker) {
    if (!held) whole.forward(worker);
    whole.back(worker,
               std::span(buffers.cotangents).subspan(worker.first() * n, worker.count() * n));
  };
  if (held) {
    whole.run().hold(std::ref(forward));
  } else {
    whole.run().for_slices(std::ref(forward));
  }
  cotangents_of(0, batch.size, buffers.gradients.values, buffers.cotangents);
  if (held) {
    whole.run().go_on(std::ref(back));
  } else {
    whole.run().for_slices(std::ref(back));
  }
  whole.finish();
}

}  // namespace

template <class T>
void vjp(const Program& program, const Batch& batch, const CotangentsOf& cotangents_of,
         VjpBuffers& buffers, Quantity quantity, Asking asking) {
  check_all(program, batch, quantity);
  const std::size_t n = n_values(program, quantity);
  buffers.cotangents.resize(batch.size * n);
  if (asking == Asking::kAllAtOnce) {
    return sweep_at_once<T>(program, batch, quantity, cotangents_of, buffers);
  }
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
              Quantity quantity, Asking asking) {
  VjpBuffers buffers;
  vjp<T>(program, batch, cotangents_of, buffers, quantity, asking);
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

template void vjp<float>(const Program&, const Batch&, const CotangentsOf&, VjpBuffers&, Quantity,
                         Asking);
template void vjp<double>(const Program&, const Batch&, const CotangentsOf&, VjpBuffers&, Quantity,
                          Asking);
template Gradients vjp<float>(const Program&, const Batch&, const CotangentsOf&, Quantity, Asking);
template Gradients vjp<double>(const Program&, const Batch&, const CotangentsOf&, Quantity, Asking);
template Gradients vjp<float>(const Program&, const Batch&, std::span<const double>, Quantity);
template Gradients vjp<double>(const Program&, const Batch&, std::span<const double>, Quantity);

}  // namespace qml
