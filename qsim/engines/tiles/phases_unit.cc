#include <algorithm>
#include <utility>

#include "qsim/core/complex.h"
#include "qsim/engines/tiles/tile_units.h"

namespace qsim {

template <class T>
PhasesUnit<T>::PhasesUnit(std::vector<StepUnit<T>> steps, std::vector<StepUnit<T>> by_tile,
                          std::span<const Qubit> qubits, TileSums<T>& sums)
    : steps_(std::move(steps)),
      by_tile_(std::move(by_tile)),
      qubits_(qubits.begin(), qubits.end()),
      of_gates_(qubits.size()),
      has_slots_(std::any_of(steps_.begin(), steps_.end(),
                             [](const StepUnit<T>& step) { return step.has_slots(); })),
      first_(sums.weights.size()) {
  if (has_slots_) sums.weights.resize(first_ + bit(n_qubits()));
}

template <class T>
void PhasesUnit<T>::bind(const Program& /*program*/, const Binding<T>& /*binding*/,
                         Carried& carried) {
  for (std::size_t k = 0; k < qubits_.size(); ++k) {
    CarriedPhases& on_the_way = carried[static_cast<std::size_t>(qubits_[k])];
    of_gates_[k] = std::exchange(on_the_way.phases, QubitPhases{1.0, 1.0});
    on_the_way.merged = &of_gates_[k];
  }
}

template <class T>
void PhasesUnit<T>::prepare(const Binding<T>& binding, Direction direction, double scale) {
  factors_ = aligned_array<T>(2 * bit(n_qubits()));
  T* factors = factors_.get();
  const auto write = [&](Index i, Complex factor) {
    factors[real_offset<T>(i)] = static_cast<T>(factor.real());
    factors[real_offset<T>(i) + kBlock<T>] = static_cast<T>(factor.imag());
  };
  const bool forward = direction == Direction::kForward;
  Index i = 0;
  for (const Complex& product : phase_products(of_gates_)) {
    write(i++, scale * (forward ? product : std::conj(product)));
  }
  // The steps act on that.
  Tile<T> tile{.data = factors, .n_qubits = n_qubits()};
  for (StepUnit<T>& step : steps_) {
    step.prepare(binding, direction);
    step.apply(tile);
  }
  for (StepUnit<T>& step : by_tile_) step.prepare(binding, direction);
}

template <class T>
Index PhasesUnit<T>::qubits_by_tile() const {
  Index out = 0;
  for (const StepUnit<T>& step : by_tile_) out |= bit(step.only_qubit());
  return out;
}

template <class T>
std::vector<QubitPhases> PhasesUnit<T>::phases_at(Index outer) const {
  std::vector<QubitPhases> out(qubits_.size(), {1.0, 1.0});
  for (const StepUnit<T>& step : by_tile_) {
    QubitPhases& phases = out[static_cast<std::size_t>(step.only_qubit())];
    const QubitPhases more = step.phases_at(outer);
    phases = {times(phases[0], more[0]), times(phases[1], more[1])};
  }
  return out;
}

template <class T>
void PhasesUnit<T>::multiply(Tile<T>& tile) const {
  kernels<T>().multiply(tile.data, factors_.get(), n_qubits());
}

template <class T>
void PhasesUnit<T>::apply(Tile<T>& tile) const {
  multiply(tile);
  for (const StepUnit<T>& step : by_tile_) step.apply(tile);
}

template <class T>
bool PhasesUnit<T>::has_slots() const {
  return has_slots_ || std::ranges::any_of(by_tile_, &StepUnit<T>::has_slots);
}

template <class T>
void PhasesUnit<T>::back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const {
  if (has_slots_) {
    kernels<T>().weigh(ket.data, bra.data, n_qubits(), sums.weights.data() + first_);
  }
  for (const StepUnit<T>& step : by_tile_) step.back(ket, bra, sums, undo);
  if (!undo) return;
  multiply(ket);
  multiply(bra);
}

template <class T>
void PhasesUnit<T>::read(const TileSums<T>& sums, const SlopeSink& sink) const {
  for (const StepUnit<T>& step : by_tile_) step.read(sums, sink);
  if (!has_slots_) return;
  const auto weights = std::span(sums.weights).subspan(first_, bit(n_qubits()));
  for (const StepUnit<T>& step : steps_) {
    if (!step.has_slots()) continue;
    const Complex transition(0, step.weighted(weights));
    sink({.step = step.index(), .transition = std::span(&transition, 1)});
  }
}

template class PhasesUnit<float>;
template class PhasesUnit<double>;

}  // namespace qsim
