#include "qsim/engines/tiles/turn_passes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "qsim/core/complex.h"

namespace qsim {

std::vector<Complex> phase_products(std::span<const QubitPhases> factors) {
  std::vector<Complex> out{1.0};
  out.reserve(bit(static_cast<int>(factors.size())));
  for (const QubitPhases& factor : factors) {
    const std::size_t half = out.size();
    for (std::size_t j = 0; j < half; ++j) out.push_back(times(factor[1], out[j]));
    if (factor[0] == 1.0) continue;
    for (std::size_t j = 0; j < half; ++j) out[j] = times(factor[0], out[j]);
  }
  return out;
}

namespace {

bool is_one(const QubitPhases& phases) { return phases[0] == 1.0 && phases[1] == 1.0; }

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

template <class T>
TileRotation<T> rotation_of(const PassTurn& g) {
  return {.qubit = g.qubit,
          .c = static_cast<T>(g.c),
          .s = static_cast<T>(g.s),
          .t = static_cast<T>(g.tangent ? g.s / g.c : 0),
          .tangent = g.tangent};
}

template <class T>
void write_rotations(std::span<const PassTurn> high, std::span<const PassTurn> low,
                     TurnPass<T>& pass) {
  pass.n_high = 0;
  pass.n_low = 0;
  for (const PassTurn& g : high) {
    pass.high.at(static_cast<std::size_t>(pass.n_high++)) = rotation_of<T>(g);
  }
  for (const PassTurn& g : low) {
    pass.low.at(static_cast<std::size_t>(pass.n_low++)) = rotation_of<T>(g);
  }
}

}  // namespace

double leave_cosines(std::span<PassTurn> gates) {
  double product = 1;
  for (PassTurn& g : gates) {
    const double c = std::abs(g.c);
    g.tangent = std::abs(g.s) <= kMostTangent * c && std::abs(product) * c * kMostTangents >= 1;
    if (g.tangent) product *= g.c;
  }
  return product;
}

template <class T>
void TurnPasses<T>::write(std::span<PassTurn> gates, std::size_t n_high, int n_qubits, double scale,
                          const std::optional<MergedPhases<T>>& merged) {
  merged_before_ = !merged || merged->before;
  const bool merged_pre = merged && merged->before;
  const bool merged_post = merged && !merged->before;
  const bool pre = merged_pre || !std::ranges::all_of(gates, is_one, &PassTurn::pre);
  const bool post = merged_post || !std::ranges::all_of(gates, is_one, &PassTurn::post);

  // Phases are cheapest in a pass that turns their qubits.
  const std::span<PassTurn> high = gates.first(n_high);
  const std::span<const PassTurn> low = gates.subspan(n_high);
  std::ranges::stable_sort(high, {}, [&](const PassTurn& g) {
    if (merged && has_bit(merged->by_tile, g.qubit)) return merged->before ? 0 : 2;
    if (!is_one(g.pre)) return 0;
    return is_one(g.post) ? 1 : 2;
  });
  const PassSizes sizes = sizes_of_passes(n_high, pre, post, merged.has_value(),
                                          static_cast<std::size_t>(kernels<T>().turn_high),
                                          static_cast<std::size_t>(kernels<T>().real_turn_high));
  passes_.resize(sizes.n_high.size());
  TurnPass<T>& first = passes_.front();
  TurnPass<T>& last = passes_.back();
  TurnPass<T>& with_low = post && !pre ? last : first;
  std::vector<QubitPhases> of_qubits(static_cast<std::size_t>(n_qubits));
  std::size_t from = 0;
  for (std::size_t p = 0; p < passes_.size(); from += sizes.n_high[p++]) {
    TurnPass<T>& pass = passes_[p];
    const std::span<const PassTurn> own = high.subspan(from, sizes.n_high[p]);
    const std::span<const PassTurn> own_low = &pass == &with_low ? low : low.first(0);
    write_rotations(own, own_low, pass);
    const auto write = [&](QubitPhases PassTurn::*phases, TurnPhases<T>& out) {
      of_qubits.assign(of_qubits.size(), {1.0, 1.0});
      const auto add = [&](std::span<const PassTurn> some) {
        for (const PassTurn& g : some) of_qubits[static_cast<std::size_t>(g.qubit)] = g.*phases;
      };
      sizes.own_phases ? add(own) : add(gates);
      add(sizes.own_phases ? own_low : low);
      out.any = out.has_turned = scale != 1 || !std::ranges::all_of(of_qubits, is_one);
      if (out.any) write_phases<T>(of_qubits, std::exchange(scale, 1), pass, out);
    };
    for (TurnPhases<T>* const phases : {&pass.pre, &pass.post}) {
      phases->any = false;
      phases->factors = nullptr;
    }
    if (pre && (sizes.own_phases || &pass == &first)) write(&PassTurn::pre, pass.pre);
    if (post && (sizes.own_phases || &pass == &last)) write(&PassTurn::post, pass.post);
    pass.scale = pre || post ? T{1} : static_cast<T>(std::exchange(scale, 1));
  }
  if (!merged) return;
  TurnPhases<T>& with_factors = merged_pre ? first.pre : last.post;
  with_factors.any = true;
  with_factors.factors = merged->factors;
}

template <class T>
void TurnPasses<T>::apply(T* tile, int n_qubits, std::span<const QubitPhases> by_tile) const {
  for (const TurnPass<T>& pass : passes_) {
    if (by_tile.empty() || &pass != &passes_[merged_pass()]) {
      kernels<T>().turns(tile, n_qubits, pass);
      continue;
    }
    TurnPass<T> own = pass;
    TurnPhases<T>& phases = merged_before_ ? own.pre : own.post;
    phases.has_turned = true;
    write_phases<T>(by_tile, 1, own, phases);
    kernels<T>().turns(tile, n_qubits, own);
  }
}

template class TurnPasses<float>;
template class TurnPasses<double>;

}  // namespace qsim
