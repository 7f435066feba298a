#include "qsim/engines/tiles/tile_units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "qsim/core/complex.h"
#include "qsim/engines/blocks/run.h"

namespace qsim {
namespace {

// local[q]: the place of qubit q in the tile, or −1.
std::vector<int> local_places(std::span<const Qubit> qubits) {
  std::vector<int> out(kMaxQubits, -1);
  for (std::size_t k = 0; k < qubits.size(); ++k) {
    out[static_cast<std::size_t>(qubits[k])] = static_cast<int>(k);
  }
  return out;
}

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

// The products of one number a qubit over all patterns of qubits.
std::vector<Complex> pattern_products(std::span<const std::array<Complex, 2>> factors,
                                      std::span<const Qubit> bits, std::size_t size) {
  std::vector<Complex> out(size, 1.0);
  for (std::size_t k = 0; k < factors.size(); ++k) {
    for (std::size_t j = 0; j < size; ++j) {
      out[j] = times(out[j], factors[k][has_bit(j, bits[k]) ? 1 : 0]);
    }
  }
  return out;
}

// Writes factor · Π phases for every high pattern and lane.
template <class T>
void write_phases(std::span<const Complex> high, std::span<const Complex> low, double factor,
                  T* out) {
  const std::size_t lanes = low.size();
  for (const Complex& h : high) {
    const Complex f = factor * h;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const Complex phase = times(f, low[lane]);
      out[lane] = static_cast<T>(phase.real());
      out[lane + lanes] = static_cast<T>(phase.imag());
    }
    out += 2 * lanes;
  }
}

// Above this tangents would spend too much of the range of numbers.
constexpr double kMostTangent = 1000;

bool is_one(std::span<const std::array<Complex, 2>> phases) {
  return std::all_of(phases.begin(), phases.end(),
                     [](const auto& p) { return p[0] == 1.0 && p[1] == 1.0; });
}

}  // namespace

template <class T>
TurnUnit<T>::TurnUnit(std::vector<TurnGate> high, std::vector<TurnGate> low, TileSums<T>& sums)
    : gates_(std::move(high)), n_high_(gates_.size()) {
  gates_.insert(gates_.end(), low.begin(), low.end());
  // A pass for the sums takes fewer high qubits; the low ones go with the last of them.
  for (std::size_t k = 0; k < gates_.size(); ++k) {
    if (!gates_[k].has_slots) continue;
    const bool is_high = k < n_high_;
    if (axes_.empty() || (is_high && axes_.back().pass.n_high == AxesPass::kMostHigh)) {
      axes_.push_back({.first = sums.axes.size()});
    }
    Axes& axes = axes_.back();
    AxesPass& pass = axes.pass;
    if (is_high) {
      pass.high[static_cast<std::size_t>(pass.n_high++)] = gates_[k].qubit;
    } else {
      pass.low[static_cast<std::size_t>(pass.n_low++)] = gates_[k].qubit;
    }
    axes.gates.push_back(k);
    sums.axes.resize(sums.axes.size() + kAxes);
  }
}

template <class T>
void TurnUnit<T>::look_ahead(const Program& program, Index& turns_next) {
  for (TurnGate& gate : gates_) {
    const Qubit q = program.steps[static_cast<std::size_t>(gate.step)].targets[0];
    gate.carries = has_bit(turns_next, q);
    turns_next |= bit(q);
  }
}

template <class T>
void TurnUnit<T>::bind(const Program& program, const Binding<T>& binding, Carried& carried) {
  for (TurnGate& gate : gates_) {
    const Step& step = program.steps[static_cast<std::size_t>(gate.step)];
    auto& phases = carried[static_cast<std::size_t>(step.targets[0])];
    const Matrix2x2 m = multiply(matrix_of(step, binding.of(step)), {phases[0], 0, 0, phases[1]});
    const Turned t = turned(m);
    gate.pre = {1.0, t.right};
    gate.c = t.c;
    gate.s = t.s;
    const std::array<Complex, 2> none{1.0, 1.0};
    phases = gate.carries ? t.left : none;
    gate.post = gate.carries ? none : t.left;
    gate.frame = std::conj(phases[0]) * phases[1];
  }
}

template <class T>
void TurnUnit<T>::prepare(const Binding<T>& /*binding*/, Direction direction) {
  const bool forward = direction == Direction::kForward;
  const std::size_t n_low = gates_.size() - n_high_;
  pass_.n_high = static_cast<int>(n_high_);
  pass_.n_low = static_cast<int>(n_low);
  constexpr std::size_t kMost = TurnPass<T>::kMostHigh + kMostLaneBits;
  std::array<std::array<Complex, 2>, kMost> pre;
  std::array<std::array<Complex, 2>, kMost> post;
  std::array<Qubit, kMost> bits{};  // of the pattern that a phase depends on
  for (std::size_t k = 0; k < gates_.size(); ++k) {
    const TurnGate& gate = gates_[k];
    const auto conjugated = [](const std::array<Complex, 2>& p) {
      return std::array{std::conj(p[0]), std::conj(p[1])};
    };
    pre[k] = forward ? gate.pre : conjugated(gate.post);
    post[k] = forward ? gate.post : conjugated(gate.pre);
    bits[k] = k < n_high_ ? static_cast<Qubit>(k) : gate.qubit;
    auto& rotation = k < n_high_ ? pass_.high[k] : pass_.low[k - n_high_];
    rotation = {.qubit = gate.qubit,
                .c = static_cast<T>(gate.c),
                .s = static_cast<T>(forward ? gate.s : -gate.s)};
  }
  const auto before = std::span<const std::array<Complex, 2>>(pre).first(gates_.size());
  const auto behind = std::span<const std::array<Complex, 2>>(post).first(gates_.size());
  pass_.has_pre = !is_one(before);
  pass_.has_post = !is_one(behind);
  double factor = 1;
  for (std::size_t h = 0; h < n_high_ && (pass_.has_pre || pass_.has_post); ++h) {
    auto& r = pass_.high[h];
    const double c = gates_[h].c;
    const double s = forward ? gates_[h].s : -gates_[h].s;
    r.tangent = std::abs(s) <= kMostTangent * std::abs(c);
    if (!r.tangent) continue;
    r.t = static_cast<T>(s / c);
    factor *= c;
  }
  const auto lanes = std::size_t{1} << kernels<T>().lane_bits;
  const auto write = [&](std::span<const std::array<Complex, 2>> phases, double scale, T* out) {
    const auto b = std::span<const Qubit>(bits).first(gates_.size());
    write_phases<T>(
        pattern_products(phases.first(n_high_), b.first(n_high_), std::size_t{1} << n_high_),
        pattern_products(phases.subspan(n_high_), b.subspan(n_high_), lanes), scale, out);
  };
  if (pass_.has_pre) write(before, pass_.has_post ? 1.0 : factor, pass_.pre.data());
  if (pass_.has_post) write(behind, factor, pass_.post.data());
}

template <class T>
void TurnUnit<T>::apply(Tile<T>& tile) const {
  kernels<T>().turns(tile.data, tile.n_qubits, pass_);
}

// Measures without the phases that the gates carry on …
template <class T>
void TurnUnit<T>::back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& sums, bool undo) const {
  for (const Axes& axes : axes_) {
    kernels<T>().axes(ket.data, bra.data, ket.n_qubits, axes.pass, sums.axes.data() + axes.first);
  }
  if (!undo) return;
  apply(ket);
  apply(bra);
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
}

template <class T>
template <class Source>
typename LinearUnit<T>::Map LinearUnit<T>::map_of(const Source& source, Index outer,
                                                  std::span<const Qubit> qubits) {
  const auto local_source = [&](Index local, Index outer_bits) {
    return gather_bits(source(scatter_bits(local, qubits) | outer_bits), qubits);
  };
  Map out{.constant = local_source(0, 0)};
  for (; outer != 0; outer &= outer - 1) {
    const Index mask = outer & (~outer + 1);
    const Index flips = local_source(0, mask) ^ out.constant;
    if (flips != 0) out.by_outer.emplace_back(mask, flips);
  }
  std::vector<Index> columns;
  for (std::size_t e = 0; e < qubits.size(); ++e) {
    columns.push_back(local_source(bit(static_cast<int>(e)), 0) ^ out.constant);
  }
  const auto image = [&](Index i) {
    Index sum = 0;
    for (; i != 0; i &= i - 1) sum ^= columns[static_cast<std::size_t>(std::countr_zero(i))];
    return sum;
  };
  const int lane_bits = kernels<T>().lane_bits;
  const Index lanes = bit(lane_bits);
  const Index n_registers = bit(static_cast<int>(qubits.size())) >> lane_bits;
  LinearPass& pass = out.pass;
  for (Index k = 0; k < n_registers; ++k) {
    const Index in = image(k << lane_bits);
    pass.source.push_back(static_cast<std::uint32_t>(in & ~(lanes - 1)));
    pass.order.push_back(static_cast<std::uint8_t>(in & (lanes - 1)));
  }
  for (Index x = 0; x < lanes; ++x) {
    for (Index lane = 0; lane < lanes; ++lane) {
      pass.orders.push_back(static_cast<std::uint8_t>((image(lane) & (lanes - 1)) ^ x));
    }
  }
  for (Index lane = 0; lane < lanes; ++lane) {
    const auto offset = static_cast<std::uint32_t>(image(lane) & ~(lanes - 1));
    const auto found = std::find(pass.offsets.begin(), pass.offsets.end(), offset);
    pass.offset_of_lane.push_back(static_cast<std::uint8_t>(found - pass.offsets.begin()));
    if (found == pass.offsets.end()) pass.offsets.push_back(offset);
  }
  return out;
}

template <class T>
LinearUnit<T>::LinearUnit(const Program& program, const std::vector<int>& steps,
                          std::span<const Qubit> qubits) {
  // Where the step takes a basis state; every one is its own inverse.
  const auto moved = [&](int k, Index i) {
    const Step& step = program.steps[static_cast<std::size_t>(k)];
    if (step.targets.size() == 1) return step.controls.holds(i) ? i ^ bit(step.targets[0]) : i;
    const bool differ = has_bit(i, step.targets[0]) != has_bit(i, step.targets[1]);
    return differ ? i ^ mask_of(step.targets) : i;
  };
  for (const int k : steps) moved_ |= mask_of(program.steps[static_cast<std::size_t>(k)].targets);
  const Index outer = (bit(program.n_qubits) - 1) & ~mask_of(qubits);
  forward_ = map_of(
      [&](Index i) {
        for (std::size_t k = steps.size(); k-- > 0;) i = moved(steps[k], i);
        return i;
      },
      outer, qubits);
  inverse_ = map_of(
      [&](Index i) {
        for (const int k : steps) i = moved(k, i);
        return i;
      },
      outer, qubits);
}

template <class T>
void LinearUnit<T>::apply(Tile<T>& tile) const {
  const Map& map = direction_ == Direction::kForward ? forward_ : inverse_;
  kernels<T>().linear(tile.scratch, tile.data, map.pass, map.flip(tile.outer));
  std::swap(tile.data, tile.scratch);
}

template <class T>
void LinearUnit<T>::back(Tile<T>& ket, Tile<T>& bra, TileSums<T>& /*sums*/, bool undo) const {
  if (!undo) return;
  apply(ket);
  apply(bra);
}

template <class T>
StepUnit<T>::StepUnit(const Step& step, int index, std::span<const Qubit> qubits, TileSums<T>& sums)
    : step_(&step), index_(index), first_(sums.transitions.size()) {
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
double StepUnit<T>::weighted(std::span<const T> weights) const {
  double sum = 0;
  for (Index i = 0; i < weights.size(); ++i) {
    if (!controls_.holds(i)) continue;
    const auto w = static_cast<double>(weights[i]);
    sum += parity(i & pauli_.z) ? -w : w;
  }
  return sum;
}

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

namespace {

// Merged phases take a number or two for each amplitude of a tile; a segment has at most this many.
constexpr int kMostMerged = 16;

// Makes the units of a segment.
template <class T>
class UnitBuilder {
 public:
  UnitBuilder(const Program& program, const Segment& segment, bool one_tile, TileSums<T>& sums)
      : program_(program),
        segment_(segment),
        one_tile_(one_tile),
        sums_(sums),
        local_(local_places(segment.qubits)) {}

  std::vector<TileUnit<T>> build() {
    for (const TileOp& op : segment_.ops) {
      switch (op.kind) {
        case TileOp::Kind::kTurns:
          add_turns(op.steps);
          break;
        case TileOp::Kind::kLinear:
          out_.emplace_back(LinearUnit<T>(program_, op.steps, segment_.qubits));
          break;
        case TileOp::Kind::kPhases:
          add_phases(op.steps);
          break;
        case TileOp::Kind::kStep:
          for (const int k : op.steps) out_.emplace_back(unit_of(k, sums_));
          break;
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] const Step& step(int k) const {
    return program_.steps[static_cast<std::size_t>(k)];
  }
  [[nodiscard]] StepUnit<T> unit_of(int k, TileSums<T>& sums) const {
    return StepUnit<T>(step(k), k, segment_.qubits, sums);
  }

  void add_turns(const std::vector<int>& steps) {
    const auto most_high = static_cast<std::size_t>(kernels<T>().turn_high);
    std::vector<TurnGate> high;
    std::vector<TurnGate> low;
    for (const int k : steps) {
      const TurnGate gate{k, local_[static_cast<std::size_t>(step(k).targets[0])],
                          step(k).has_slots};
      (gate.qubit >= kernels<T>().lane_bits ? high : low).push_back(gate);
    }
    // Passes with about as many high qubits each.
    const std::size_t passes = std::max<std::size_t>(1, (high.size() + most_high - 1) / most_high);
    for (std::size_t p = 0; p < passes; ++p) {
      const auto from = static_cast<std::ptrdiff_t>(p * high.size() / passes);
      const auto to = static_cast<std::ptrdiff_t>((p + 1) * high.size() / passes);
      out_.emplace_back(TurnUnit<T>({high.begin() + from, high.begin() + to}, low, sums_));
      low.clear();
    }
  }

  void add_phases(const std::vector<int>& steps) {
    std::vector<int> inside;
    TileSums<T> unused;  // merged steps have no sums of their own
    for (const int k : steps) {
      if (one_tile_ || !unit_of(k, unused).is_inside()) {
        out_.emplace_back(unit_of(k, sums_));
      } else {
        inside.push_back(k);
      }
    }
    if (inside.size() == 1 || merged_ == kMostMerged) {
      for (const int k : inside) out_.emplace_back(unit_of(k, sums_));
    } else if (!inside.empty()) {
      ++merged_;
      std::vector<StepUnit<T>> units;
      for (const int k : inside) units.push_back(unit_of(k, unused));
      out_.emplace_back(
          PhasesUnit<T>(std::move(units), static_cast<int>(segment_.qubits.size()), sums_));
    }
  }

  const Program& program_;
  const Segment& segment_;
  bool one_tile_;
  int merged_ = 0;
  TileSums<T>& sums_;
  std::vector<int> local_;
  std::vector<TileUnit<T>> out_;
};

}  // namespace

template <class T>
std::vector<TileUnit<T>> units_of(const Program& program, const Segment& segment, bool one_tile,
                                  TileSums<T>& sums) {
  return UnitBuilder<T>(program, segment, one_tile, sums).build();
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)  \
  template class TurnUnit<T>;   \
  template class LinearUnit<T>; \
  template class StepUnit<T>;   \
  template class PhasesUnit<T>; \
  template std::vector<TileUnit<T>> units_of(const Program&, const Segment&, bool, TileSums<T>&);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qsim
