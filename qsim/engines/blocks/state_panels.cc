#include "qsim/engines/blocks/state_panels.h"

#include <algorithm>
#include <cmath>

#include "qsim/core/error.h"
#include "qsim/engines/batch_run.h"

namespace qsim {
namespace {

Batch rows_of(const Program& program, const Batch& batch, std::size_t first, std::size_t count) {
  Batch out = batch;
  out.size = count;
  out.inputs = batch.inputs_of(program, first, count);
  out.weights = batch.weights_of(program, first, count);
  out.initial_states = batch.initial_of(program, first, count);
  return out;
}

}  // namespace

template <class T>
double StatePanels<T>::bytes(int n_qubits, std::size_t n_samples) {
  return std::ldexp(static_cast<double>(panels_for(n_samples) * kRow<T> * sizeof(T)), n_qubits);
}

template <class T>
StatePanels<T>::StatePanels(const Program& program, const Batch& batch, std::size_t first,
                            std::size_t count)
    : first_(first), size_(count), rows_(bit(program.n_qubits)) {
  check(program, batch);
  require_memory(bytes(program.n_qubits, count),
                 concat("the states of ", count, " sample(s) on ", program.n_qubits, " qubit(s)"));
  data_ = aligned_array<T>(n_panels() * panel_size());
  naming_samples(program, batch, [&] { run(program, rows_of(program, batch, first, count)); });
}

template <class T>
void StatePanels<T>::run(const Program& program, const Batch& batch) {
  // Lanes that no sample has.
  std::fill_n(data_.get() + (n_panels() - 1) * panel_size(), panel_size(), T{0});
  BatchRun<T>(program, batch).for_slices([&](Worker<T>& worker) {
    worker.forward();
    worker.copy_to_panel(panel_data(worker.first()));
  });
}

template class StatePanels<float>;
template class StatePanels<double>;

}  // namespace qsim
