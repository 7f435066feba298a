#include <bit>

#include "qsim/engines/tiles/tile_units.h"

namespace qsim {

template <class T>
StepUnit<T>::StepUnit(const Step& step, int index, std::span<const Qubit> qubits, TileSums<T>& sums)
    : step_(&step), index_(index), mixed_(roles_of(step).mixed()), first_(sums.transitions.size()) {
  const std::vector<int> local = local_places(qubits);
  const auto place = [&](Qubit q) { return local[static_cast<std::size_t>(q)]; };
  for (std::size_t k = 0; k < step.targets.size(); ++k) {
    const Qubit q = step.targets[k];
    (place(q) >= 0 ? inner_places_ : outer_places_).push_back(static_cast<int>(k));
    place(q) >= 0 ? targets_.push_back(place(q)) : outer_targets_.push_back(q);
  }
  const Index tile = mask_of(qubits);
  controls_ = {gather_bits(step.controls.mask, qubits), gather_bits(step.controls.value, qubits)};
  outer_controls_ = {step.controls.mask & ~tile, step.controls.value & ~tile};
  pauli_ = {gather_bits(step.pauli.x, qubits), gather_bits(step.pauli.z, qubits)};
  outer_z_ = step.pauli.z & ~tile;
  if (step.has_slots) sums.transitions.resize(first_ + transition_size(step));
}

template <class T>
void StepUnit<T>::prepare(const Binding<T>& binding, Direction direction) {
  numbers_ = direction == Direction::kForward ? numbers_of(*step_, binding.of(*step_))
                                              : inverse_numbers(*step_, binding.of(*step_));
}

template <class T>
StepNumbers<T> StepUnit<T>::numbers_at(Index outer) const {
  if (step_->shape == Shape::kRotation) {
    StepNumbers<T> out = numbers_;
    if (parity(outer & outer_z_)) out.entries[1] = -out.entries[1];
    return out;
  }
  StepNumbers<T> out;
  const Index fixed = scatter_bits(gather_bits(outer, outer_targets_), outer_places_);
  for (Index j = 0; j < bit(static_cast<int>(targets_.size())); ++j) {
    out.entries.push_back(numbers_.entries[fixed | scatter_bits(j, inner_places_)]);
  }
  return out;
}

template <class T>
void StepUnit<T>::apply(Tile<T>& tile) const {
  if (!acts(tile.outer)) return;
  if (is_constant()) {
    qsim::apply(step_->shape, numbers_, place(tile.n_qubits), tile.data, Part{});
  } else {
    qsim::apply(step_->shape, numbers_at(tile.outer), place(tile.n_qubits), tile.data, Part{});
  }
}

template <class T>
void StepUnit<T>::apply_transition(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums) const {
  if (!acts(ket.outer)) return;
  Complex* out = sums.transitions.data() + first_;
  if (is_constant()) {
    qsim::apply_transition(step_->shape, numbers_, place(ket.n_qubits), ket.data, bra.data, out,
                           Part{});
    return;
  }
  // Only rotations are both parametric and partly outside: ⟨bra|P|ket⟩ with the sign of the rest.
  Complex sum = 0;
  qsim::apply_transition(step_->shape, numbers_at(ket.outer), place(ket.n_qubits), ket.data,
                         bra.data, &sum, Part{});
  *out += parity(ket.outer & outer_z_) ? -sum : sum;
}

// The transition kernels undo in the same pass, whether told to or not.
template <class T>
void StepUnit<T>::back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const {
  if (has_slots()) return apply_transition(ket, bra, sums);
  if (!undo) return;
  apply(ket);
  apply(bra);
}

template <class T>
void StepUnit<T>::read(const TileSums<T>& sums, const SlopeSink& sink) const {
  if (!has_slots()) return;
  sink({.step = index_,
        .transition = std::span(sums.transitions).subspan(first_, transition_size(*step_))});
}

template <class T>
bool StepUnit<T>::is_on_one() const {
  return mixed_ == 0 && std::popcount(local()) == 1;
}

template <class T>
QubitPhases StepUnit<T>::phases_at(Index outer) const {
  QubitPhases out{1.0, 1.0};
  if (!acts(outer)) return out;
  const StepNumbers<T> numbers = numbers_at(outer);
  for (Index value = 0; value < 2; ++value) {
    if (controls_.mask != 0 && (controls_.value != 0) != (value != 0)) continue;
    Complex& phase = out.at(value);
    if (step_->shape == Shape::kRotation) {
      const bool negative = pauli_.z != 0 && value != 0;
      phase = Complex(numbers.entries[0]) +
              (negative ? -Complex(numbers.entries[1]) : Complex(numbers.entries[1]));
    } else {
      phase = Complex(numbers.entries[targets_.empty() ? 0 : value]);
    }
  }
  return out;
}

template <class T>
double StepUnit<T>::weighted(std::span<const T> weights) const {
  double sum = 0;
  for (Index i = 0; i < weights.size(); ++i) {
    if (!controls_.holds(i)) continue;
    const auto w = static_cast<double>(weights[i]);
    sum += parity(i & pauli_.z) ? -w : w;
  }
  return sum;
}

template class StepUnit<float>;
template class StepUnit<double>;

}  // namespace qsim
