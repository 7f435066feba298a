#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "qml/derivatives/held_vjp.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/engines/batch_run.h"

namespace qml {
namespace {

using qsim::fail;
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

// The same in two passes, between which the states are held where there is room for them.
template <class T>
class TwoPasses {
 public:
  TwoPasses(const Program& program, const Batch& batch, Quantity quantity, VjpBuffers& buffers)
      : n_(n_values(program, quantity)),
        whole_(program, batch, quantity, buffers),
        held_(whole_.run().can_hold()) {}

  [[nodiscard]] bool is_held() const { return held_; }
  void forward() {
    const auto body = [&](qsim::Worker<T>& worker) { whole_.forward(worker); };
    if (held_) return whole_.run().hold(std::ref(body));
    whole_.run().for_slices(std::ref(body));
  }
  void back(std::span<const double> cotangents) {
    const auto body = [&](qsim::Worker<T>& worker) {
      if (!held_) whole_.forward(worker);
      whole_.back(worker, cotangents.subspan(worker.first() * n_, worker.count() * n_));
    };
    if (held_) {
      whole_.run().go_on(std::ref(body));
    } else {
      whole_.run().for_slices(std::ref(body));
    }
    whole_.finish();
  }

 private:
  std::size_t n_;
  Sweep<T> whole_;
  bool held_;
};

void check_cotangent(const Program& program, const Batch& batch, std::span<const double> cotangent,
                     Quantity quantity) {
  const std::size_t n = n_values(program, quantity);
  require(cotangent.size() == batch.size * n, "a cotangent of ", name_of(quantity), " for ",
          batch.size, " sample(s) of ", n, " value(s) needs ", batch.size * n, " values, got ",
          cotangent.size());
  const std::size_t parts = quantity == Quantity::kState ? 2 : 1;
  for (std::size_t k = 0; k < cotangent.size(); ++k) {
    if (std::isfinite(cotangent[k])) continue;
    fail("the cotangent of value ", k % n / parts, sample_text(batch, k / n), " is ", cotangent[k],
         "; it must be finite");
  }
}

}  // namespace

template <class T>
void vjp(const Program& program, const Batch& batch, const CotangentsOf& cotangents_of,
         VjpBuffers& buffers, Quantity quantity, Asking asking) {
  check_all(program, batch, quantity);
  const std::size_t n = n_values(program, quantity);
  buffers.cotangents.resize(batch.size * n);
  if (asking == Asking::kAllAtOnce) {
    TwoPasses<T> passes(program, batch, quantity, buffers);
    passes.forward();
    cotangents_of(0, batch.size, buffers.gradients.values, buffers.cotangents);
    return passes.back(buffers.cotangents);
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
  check_cotangent(program, batch, cotangent, quantity);
  const std::size_t n = n_values(program, quantity);
  VjpBuffers buffers;
  const auto rows = [&](std::size_t first, std::size_t count, std::span<const double>) {
    return cotangent.subspan(first * n, count * n);
  };
  sweep<T>(program, batch, quantity, rows, buffers);
  return std::move(buffers.gradients);
}

template <class T>
struct HeldVjp<T>::Parts {
  Parts(const Program& of, const Batch& given, Quantity what)
      : inputs(given.inputs.begin(), given.inputs.end()),
        weights(given.weights.begin(), given.weights.end()),
        program(of),
        batch{.size = given.size,
              .inputs = inputs,
              .weights = weights,
              .weights_per_sample = given.weights_per_sample},
        quantity(what),
        passes(program, batch, quantity, buffers) {}

  std::vector<double> inputs;
  std::vector<double> weights;
  const Program& program;
  Batch batch;
  Quantity quantity;
  VjpBuffers buffers{};
  TwoPasses<T> passes;
};

template <class T>
HeldVjp<T>::HeldVjp(const Program& program, const Batch& batch, Quantity quantity) {
  check_all(program, batch, quantity);
  require(batch.initial_states.empty(), "states to begin with are not held for a way back");
  parts_ = std::make_unique<Parts>(program, batch, quantity);
  parts_->passes.forward();
}

template <class T>
HeldVjp<T>::~HeldVjp() = default;

template <class T>
std::span<const double> HeldVjp<T>::values() const {
  return parts_->buffers.gradients.values;
}

template <class T>
bool HeldVjp<T>::is_held() const {
  return parts_->passes.is_held();
}

template <class T>
bool HeldVjp<T>::is_of(const Batch& batch) const {
  const Batch& own = parts_->batch;
  return batch.size == own.size && batch.weights_per_sample == own.weights_per_sample &&
         std::ranges::equal(batch.inputs, own.inputs) &&
         std::ranges::equal(batch.weights, own.weights);
}

template <class T>
Gradients HeldVjp<T>::back(std::span<const double> cotangent) {
  check_cotangent(parts_->program, parts_->batch, cotangent, parts_->quantity);
  parts_->passes.back(cotangent);
  return std::move(parts_->buffers.gradients);
}

template class HeldVjp<float>;
template class HeldVjp<double>;
template void vjp<float>(const Program&, const Batch&, const CotangentsOf&, VjpBuffers&, Quantity,
                         Asking);
template void vjp<double>(const Program&, const Batch&, const CotangentsOf&, VjpBuffers&, Quantity,
                          Asking);
template Gradients vjp<float>(const Program&, const Batch&, const CotangentsOf&, Quantity, Asking);
template Gradients vjp<double>(const Program&, const Batch&, const CotangentsOf&, Quantity, Asking);
template Gradients vjp<float>(const Program&, const Batch&, std::span<const double>, Quantity);
template Gradients vjp<double>(const Program&, const Batch&, std::span<const double>, Quantity);

}  // namespace qml
