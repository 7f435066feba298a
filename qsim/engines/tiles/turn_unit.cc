#include <algorithm>
#include <array>
#include <cmath>
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

bool is_one(const QubitPhases& phases) { return phases[0] == 1.0 && phases[1] == 1.0; }

QubitPhases conjugated(const QubitPhases& phases) {
  return {std::conj(phases[0]), std::conj(phases[1])};
}

// How many high qubits each pass turns.
struct PassSizes {
  std::vector<std::size_t> n_high{};
  // Every pass has the phases of its own gates; else the first has those before all gates, and the
  // last those behind.
  bool own_phases = false;
};

PassSizes sizes_of_passes(std::size_t n_high, bool pre, bool post, bool merged,
                          std::size_t most_phased, std::size_t most_real) {
  const auto cut = [](std::size_t n, std::size_t most, std::vector<std::size_t>& out) {
    const std::size_t passes = (n + most - 1) / most;
    for (std::size_t p = 0; p < passes; ++p) out.push_back((p + 1) * n / passes - p * n / passes);
  };
  PassSizes out;
  if (n_high == 0) {
    out = {{0}, true};
  } else if (!pre && !post) {
    cut(n_high, most_real, out.n_high);
  } else if (n_high <= most_phased || (!merged && n_high <= 2 * most_phased)) {
    out.own_phases = true;
    cut(n_high, most_phased, out.n_high);
  } else {
    const std::size_t first = pre ? most_phased : 0;
    const std::size_t last = post ? std::min(most_phased, n_high - first) : 0;
    if (pre) out.n_high.push_back(first);
    cut(n_high - first - last, most_real, out.n_high);
    if (post) out.n_high.push_back(last);
  }
  return out;
}

// The products of one number a qubit over all patterns of qubits.
template <std::size_t N>
std::array<Complex, N> few_products(std::span<const QubitPhases> factors) {
  std::array<Complex, N> out{1.0};
  std::size_t half = 1;
  for (const QubitPhases& factor : factors) {
    for (std::size_t j = 0; j < half; ++j) {
      out.at(half + j) = times(factor[1], out.at(j));
      out.at(j) = times(factor[0], out.at(j));
    }
    half *= 2;
  }
  return out;
}

// Phases by local qubit, as a pass applies them: for every pattern of its high qubits and every
// lane, and for every pattern of the other high qubits.
template <class T>
void write_phases(std::span<const QubitPhases> of_qubits, double scale, const TurnPass<T>& pass,
                  TurnPhases<T>& out) {
  const int lane_bits = kernels<T>().lane_bits;
  const auto n_high = static_cast<std::size_t>(pass.n_high);
  std::array<QubitPhases, TurnPhases<T>::kMostHigh> of_high;
  Index turned = 0;
  for (std::size_t h = 0; h < n_high; ++h) {
    const Qubit q = pass.high.at(h).qubit;
    of_high.at(h) = of_qubits[static_cast<std::size_t>(q)];
    turned |= bit(q);
  }
  const auto by_pattern =
      few_products<std::size_t{1} << TurnPhases<T>::kMostHigh>(std::span(of_high).first(n_high));
  const auto by_lane = few_products<std::size_t{1} << kMostLaneBits>(
      of_qubits.first(static_cast<std::size_t>(lane_bits)));
  const std::size_t lanes = std::size_t{1} << lane_bits;
  T* at = out.turned.data();
  for (std::size_t j = 0; j < std::size_t{1} << n_high; ++j, at += 2 * lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const Complex phase = times(scale * by_pattern.at(j), by_lane.at(lane));
      at[lane] = static_cast<T>(phase.real());
      at[lane + lanes] = static_cast<T>(phase.imag());
    }
  }
  out.others.clear();
  const auto is_other = [&](Qubit q) {
    return !has_bit(turned, q) && !is_one(of_qubits[static_cast<std::size_t>(q)]);
  };
  Qubit q = lane_bits;
  const auto n_qubits = static_cast<Qubit>(of_qubits.size());
  while (q < n_qubits && !is_other(q)) ++q;
  if (q == n_qubits) return;
  std::vector<QubitPhases> of_others;
  for (q = lane_bits; q < n_qubits; ++q) {
    if (!has_bit(turned, q)) of_others.push_back(of_qubits[static_cast<std::size_t>(q)]);
  }
  for (const Complex& product : phase_products(of_others)) {
    out.others.push_back(std::complex<T>(product));
  }
}

// Above this tangents would spend too much of the range of numbers: of a gate, and of all.
constexpr double kMostTangent = 1e3;
constexpr double kMostTangents = 1e9;

// A gate's numbers in a direction.
struct Turning {
  Qubit qubit = 0;
  QubitPhases pre{1.0, 1.0};
  QubitPhases post{1.0, 1.0};
  double c = 1;
  double s = 0;
  bool tangent = false;
};

Turning turning(const TurnGate& gate, Direction direction) {
  if (direction == Direction::kForward) return {gate.qubit, gate.pre, gate.post, gate.c, gate.s};
  return {gate.qubit, conjugated(gate.post), conjugated(gate.pre), gate.c, -gate.s};
}

template <class T>
TileRotation<T> rotation_of(const Turning& g) {
  return {.qubit = g.qubit,
          .c = static_cast<T>(g.c),
          .s = static_cast<T>(g.s),
          .t = static_cast<T>(g.tangent ? g.s / g.c : 0),
          .tangent = g.tangent};
}

template <class T>
void write_rotations(std::span<const Turning> high, std::span<const Turning> low,
                     TurnPass<T>& pass) {
  pass.n_high = 0;
  pass.n_low = 0;
  for (const Turning& g : high) {
    pass.high.at(static_cast<std::size_t>(pass.n_high++)) = rotation_of<T>(g);
  }
  for (const Turning& g : low) {
    pass.low.at(static_cast<std::size_t>(pass.n_low++)) = rotation_of<T>(g);
  }
}

// Lets gates go without their cosines as long as what that makes of the numbers has room; returns
// the product of these.
double leave_cosines(std::span<Turning> gates) {
  double product = 1;
  for (Turning& g : gates) {
    const double c = std::abs(g.c);
    g.tangent = std::abs(g.s) <= kMostTangent * c && std::abs(product) * c * kMostTangents >= 1;
    if (g.tangent) product *= g.c;
  }
  return product;
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
  direction_ = direction;
  const bool forward = direction == Direction::kForward;
  std::vector<Turning> gates;
  gates.reserve(gates_.size());
  for (const TurnGate& gate : gates_) gates.push_back(turning(gate, direction));
  double scale = leave_cosines(gates);
  // Phases whose derivatives are asked for have a pass of their own on the way back.
  fused_ = before_ && (forward || !before_->has_slots());
  if (before_) before_->prepare(binding, direction, fused_ ? std::exchange(scale, 1) : 1);
  by_tile_ = fused_ ? before_->qubits_by_tile() : 0;
  const bool pre = (fused_ && forward) || !std::ranges::all_of(gates, is_one, &Turning::pre);
  const bool post = (fused_ && !forward) || !std::ranges::all_of(gates, is_one, &Turning::post);

  // Phases are cheapest in a pass that turns their qubits.
  const std::span<Turning> high = std::span(gates).first(n_high_);
  std::ranges::stable_sort(high, {}, [&](const Turning& g) {
    if (has_bit(by_tile_, g.qubit)) return forward ? 0 : 2;
    if (!is_one(g.pre)) return 0;
    return is_one(g.post) ? 1 : 2;
  });
  const PassSizes sizes =
      sizes_of_passes(n_high_, pre, post, fused_, static_cast<std::size_t>(kernels<T>().turn_high),
                      static_cast<std::size_t>(kernels<T>().real_turn_high));
  passes_.resize(sizes.n_high.size());
  TurnPass<T>& first = passes_.front();
  TurnPass<T>& last = passes_.back();
  const std::span<const Turning> low = std::span(gates).subspan(n_high_);
  TurnPass<T>& with_low = post && !pre ? last : first;
  std::vector<QubitPhases> of_qubits(static_cast<std::size_t>(n_qubits_));
  std::size_t from = 0;
  for (std::size_t p = 0; p < passes_.size(); from += sizes.n_high[p++]) {
    TurnPass<T>& pass = passes_[p];
    const std::span<const Turning> own = high.subspan(from, sizes.n_high[p]);
    const std::span<const Turning> own_low = &pass == &with_low ? low : low.first(0);
    write_rotations(own, own_low, pass);
    const auto write = [&](QubitPhases Turning::*phases, TurnPhases<T>& out) {
      of_qubits.assign(of_qubits.size(), {1.0, 1.0});
      const auto add = [&](std::span<const Turning> some) {
        for (const Turning& g : some) of_qubits[static_cast<std::size_t>(g.qubit)] = g.*phases;
      };
      sizes.own_phases ? add(own) : add(gates);
      add(sizes.own_phases ? own_low : low);
      out.any = out.has_turned = scale != 1 || !std::ranges::all_of(of_qubits, is_one);
      if (out.any) write_phases<T>(of_qubits, std::exchange(scale, 1), pass, out);
    };
    pass.pre.any = pass.post.any = false;
    if (pre && (sizes.own_phases || &pass == &first)) write(&Turning::pre, pass.pre);
    if (post && (sizes.own_phases || &pass == &last)) write(&Turning::post, pass.post);
    pass.scale = pre || post ? T{1} : static_cast<T>(std::exchange(scale, 1));
  }
  for (TurnPass<T>& pass : passes_) pass.pre.factors = pass.post.factors = nullptr;
  if (!fused_) return;
  TurnPhases<T>& merged = forward ? first.pre : last.post;
  merged.any = true;
  merged.factors = before_->factors();
}

template <class T>
void TurnUnit<T>::apply(Tile<T>& tile) const {
  const bool forward = direction_ == Direction::kForward;
  const TurnPass<T>* const merged = forward ? &passes_.front() : &passes_.back();
  for (const TurnPass<T>& pass : passes_) {
    if (by_tile_ == 0 || &pass != merged) {
      kernels<T>().turns(tile.data, tile.n_qubits, pass);
      continue;
    }
    TurnPass<T> own = pass;
    TurnPhases<T>& phases = forward ? own.pre : own.post;
    phases.has_turned = true;
    write_phases<T>(before_->phases_at(tile.outer), 1, own, phases);
    kernels<T>().turns(tile.data, tile.n_qubits, own);
  }
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
