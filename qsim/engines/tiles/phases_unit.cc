#include <algorithm>
#include <utility>

#include "qsim/engines/tiles/tile_units.h"

namespace qsim {

template <class T>
PhasesUnit<T>::PhasesUnit(std::vector<StepUnit<T>> steps, int n_qubits, TileSums<T>& sums)
    : steps_(std::move(steps)),
      n_qubits_(n_qubits),
      has_slots_(std::any_of(steps_.begin(), steps_.end(),
                             [](const StepUnit<T>& step) { return step.has_slots(); })),
      first_(sums.weights.size()) {
  if (has_slots_) sums.weights.resize(first_ + bit(n_qubits));
}

template <class T>
void PhasesUnit<T>::prepare(const Binding<T>& binding, Direction direction) {
  factors_ = aligned_array<T>(2 * bit(n_qubits_));
  // The steps act on ones.
  T* factors = factors_.get();
  for (Index i = 0; i < bit(n_qubits_); ++i) {
    factors[real_offset<T>(i)] = 1;
    factors[real_offset<T>(i) + kBlock<T>] = 0;
  }
  Tile<T> tile{.data = factors, .n_qubits = n_qubits_};
  for (StepUnit<T>& step : steps_) {
    step.prepare(binding, direction);
    step.apply(tile);
  }
}

template <class T>
void PhasesUnit<T>::apply(Tile<T>& tile) const {
  kernels<T>().multiply(tile.data, factors_.get(), n_qubits_);
}

template <class T>
void PhasesUnit<T>::back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const {
  if (has_slots_) {
    kernels<T>().weigh(ket.data, bra.data, n_qubits_, sums.weights.data() + first_);
  }
  if (!undo) return;
  apply(ket);
  apply(bra);
}

template <class T>
void PhasesUnit<T>::read(const TileSums<T>& sums, const SlopeSink& sink) const {
  if (!has_slots_) return;
  const auto weights = std::span(sums.weights).subspan(first_, bit(n_qubits_));
  for (const StepUnit<T>& step : steps_) {
    if (!step.has_slots()) continue;
    const Complex transition(0, step.weighted(weights));
    sink({.step = step.index(), .transition = std::span(&transition, 1)});
  }
}

template class PhasesUnit<float>;
template class PhasesUnit<double>;

}  // namespace qsim
