#include <algorithm>
#include <array>
#include <cmath>

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

template class TurnUnit<float>;
template class TurnUnit<double>;

}  // namespace qsim
