#include "qml/state_panels.h"

#include <algorithm>
#include <cmath>

#include "qml/gradients/blocks.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qml {
namespace {

Batch rows_of(const qsim::Program& program, const Batch& batch, std::size_t first,
              std::size_t count) {
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  Batch out = batch;
  out.size = count;
  out.inputs = batch.inputs.subspan(first * n_inputs, count * n_inputs);
  out.initial_states = batch.initial_of(program, first, count);
  if (batch.weights_per_sample) {
    out.weights = batch.weights.subspan(first * n_weights, count * n_weights);
  }
  return out;
}

}  // namespace

template <class T>
double StatePanels<T>::bytes(int n_qubits, std::size_t n_samples) {
  return std::ldexp(static_cast<double>(panels_for(n_samples) * qsim::kRow<T> * sizeof(T)),
                    n_qubits);
}

template <class T>
StatePanels<T>::StatePanels(const qsim::Program& program, const Batch& batch, std::size_t first,
                            std::size_t count)
    : first_(first), size_(count), rows_(qsim::bit(program.n_qubits)) {
  check(program, batch);
  qsim::require_memory(
      bytes(program.n_qubits, count),
      qsim::concat("the states of ", count, " sample(s) on ", program.n_qubits, " qubit(s)"));
  data_ = qsim::aligned_array<T>(n_panels() * panel_size());
  naming_samples(program, batch, [&] { run(program, rows_of(program, batch, first, count)); });
}

template <class T>
void StatePanels<T>::run(const qsim::Program& program, const Batch& batch) {
  if (qsim::fits_blocks(program)) {
    for_blocks<T>(program, batch, {}, [&](std::size_t sample, BlockWorker<T>& worker) {
      worker.block().forward();
      std::copy_n(worker.block().ket(), panel_size(), panel_data(sample));
    });
    return;
  }
  std::fill_n(data_.get(), n_panels() * panel_size(), T{0});  // lanes that no sample has
  for_samples<T>(program, batch, [&](std::size_t sample, Workspace<T>& workspace) {
    qsim::poll_interrupt();
    workspace.forward();
    T* to = panel_data(sample) + sample % qsim::kBlock<T>;
    for (std::size_t i = 0; i < rows_; ++i, to += qsim::kRow<T>) {
      const T* from = workspace.ket().data() + qsim::real_offset<T>(i);
      to[0] = from[0];
      to[qsim::kBlock<T>] = from[qsim::kBlock<T>];
    }
  });
}

template class StatePanels<float>;
template class StatePanels<double>;

}  // namespace qml
