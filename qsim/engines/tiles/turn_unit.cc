#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "qsim/core/complex.h"
#include "qsim/engines/blocks/run.h"
#include "qsim/engines/tiles/tile_units.h"

namespace qsim {
namespace {

// The matrix of a step on one qubit.
template <class T>
Matrix2x2 matrix_of(const Step& step, std::span<const std::complex<T>> c) {
  const auto at = [&](std::size_t k) { return Complex(c[k]); };
  switch (step.shape) {
    case Shape::kDiagonal:
      return {at(0), 0, 0, at(1)};
    case Shape::kPermutation:
      return step.source[0] == 0 ? Matrix2x2{at(0), 0, 0, at(1)} : Matrix2x2{0, at(0), at(1), 0};
    default:
      return {at(0), at(1), at(2), at(3)};
  }
}

QubitPhases conjugated(const QubitPhases& phases) {
  return {std::conj(phases[0]), std::conj(phases[1])};
}

// Lets a pass have the patterns of high qubits that have phases by tile and no gate.
template <class T>
std::size_t add_turns_by_nothing(Index by_tile, std::vector<PassTurn>& gates, std::size_t n_high) {
  Index missing = by_tile & ~(bit(kernels<T>().lane_bits) - 1);
  for (const PassTurn& gate : gates) missing &= ~bit(gate.qubit);
  const auto count = static_cast<std::size_t>(std::popcount(missing));
  for (; missing != 0; missing &= missing - 1) {
    gates.insert(gates.begin() + static_cast<std::ptrdiff_t>(n_high),
                 {.qubit = std::countr_zero(missing)});
  }
  return count;
}

}  // namespace

template <class T>
TurnUnit<T>::TurnUnit(std::optional<PhasesUnit<T>> before, std::vector<TurnGate> gates,
                      int n_qubits, TileSums<T>& sums)
    : before_(std::move(before)), gates_(std::move(gates)), n_qubits_(n_qubits) {
  const auto is_high = [](const TurnGate& g) { return g.qubit >= kernels<T>().lane_bits; };
  const auto low = std::ranges::stable_partition(gates_, is_high);
  n_high_ = gates_.size() - low.size();
  // A pass for the sums takes fewer high qubits; the low ones go with the last of them.
  for (std::size_t k = 0; k < gates_.size(); ++k) {
    if (!gates_[k].has_slots) continue;
    if (axes_.empty() || (k < n_high_ && axes_.back().pass.n_high == AxesPass::kMostHigh)) {
      axes_.push_back({.first = sums.axes.size()});
    }
    Axes& axes = axes_.back();
    AxesPass& pass = axes.pass;
    if (k < n_high_) {
      pass.high[static_cast<std::size_t>(pass.n_high++)] = gates_[k].qubit;
    } else {
      pass.low[static_cast<std::size_t>(pass.n_low++)] = gates_[k].qubit;
    }
    axes.gates.push_back(k);
    sums.axes.resize(sums.axes.size() + kAxes);
  }
}

template <class T>
void TurnUnit<T>::look_ahead(const Program& program, Index& takers) {
  for (TurnGate& gate : gates_) {
    const Qubit q = program.steps[static_cast<std::size_t>(gate.step)].targets[0];
    gate.carries = has_bit(takers, q);
    takers |= bit(q);
  }
  if (before_) before_->look_ahead(program, takers);
}

template <class T>
void TurnUnit<T>::bind(const Program& program, const Binding<T>& binding, Carried& carried) {
  if (before_) before_->bind(program, binding, carried);
  for (TurnGate& gate : gates_) {
    const Step& step = program.steps[static_cast<std::size_t>(gate.step)];
    auto& [phases, merged] = carried[static_cast<std::size_t>(step.targets[0])];
    const Matrix2x2 m = multiply(matrix_of(step, binding.of(step)), {phases[0], 0, 0, phases[1]});
    const Turned t = turned(m);
    gate.pre = {1.0, t.right};
    if (merged != nullptr) {
      (*merged)[1] = times((*merged)[1], t.right);
      gate.pre = {1.0, 1.0};
      merged = nullptr;
    }
    gate.c = t.c;
    gate.s = t.s;
    const QubitPhases none{1.0, 1.0};
    phases = gate.carries ? t.left : none;
    gate.post = gate.carries ? none : t.left;
    gate.frame = std::conj(phases[0]) * phases[1];
  }
}

template <class T>
void TurnUnit<T>::prepare(const Binding<T>& binding, Direction direction) {
  const bool forward = direction == Direction::kForward;
  std::vector<PassTurn> gates;
  gates.reserve(gates_.size());
  for (const TurnGate& gate : gates_) {
    if (forward) {
      gates.push_back({gate.qubit, gate.pre, gate.post, gate.c, gate.s});
    } else {
      gates.push_back({gate.qubit, conjugated(gate.post), conjugated(gate.pre), gate.c, -gate.s});
    }
  }
  std::size_t n_high = n_high_;
  if (before_) n_high += add_turns_by_nothing<T>(before_->qubits_by_tile(), gates, n_high_);
  const double scale = leave_cosines(gates);
  // Phases whose derivatives are asked for have a pass of their own on the way back.
  fused_ = before_ && (forward || !before_->has_slots());
  if (before_) before_->prepare(binding, direction, fused_ ? scale : 1);
  std::optional<MergedPhases<T>> merged;
  if (fused_) merged = {before_->factors(), before_->qubits_by_tile(), forward};
  passes_.write(gates, n_high, n_qubits_, fused_ ? 1 : scale, merged);
}

template <class T>
void TurnUnit<T>::apply(Tile<T>& tile) const {
  const bool by_tile = fused_ && before_->qubits_by_tile() != 0;
  passes_.apply(tile.data, tile.n_qubits,
                by_tile ? before_->phases_at(tile.outer) : std::vector<QubitPhases>());
}

template <class T>
void TurnUnit<T>::release() {
  if (before_) before_->release();
}

// Measures without the phases that the gates carry on …
template <class T>
void TurnUnit<T>::back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const {
  for (const Axes& axes : axes_) {
    kernels<T>().axes(ket.data, bra.data, ket.n_qubits, axes.pass, sums.axes.data() + axes.first);
  }
  if (!undo && !phases_have_slots()) return;
  apply(ket);
  apply(bra);
  if (before_ && !fused_) before_->back(ket, bra, sums, undo);
}

// … and turns what was measured by them.
template <class T>
void TurnUnit<T>::read(const TileSums<T>& sums, const SlopeSink& sink) const {
  for (const Axes& axes : axes_) {
    const double* sum = sums.axes.data() + axes.first;
    for (const std::size_t k : axes.gates) {
      const Complex xy = gates_[k].frame * Complex(sum[0], sum[1]);
      const std::array<double, kAxes> of_step{xy.real(), xy.imag(), sum[2]};
      sink({.step = gates_[k].step, .axes = of_step});
      sum += kAxes;
    }
  }
  if (before_) before_->read(sums, sink);
}

template class TurnUnit<float>;
template class TurnUnit<double>;

}  // namespace qsim
