#include <algorithm>
#include <cmath>

#include "qsim/core/bits.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/matrix.h"
#include "qsim/core/parallel.h"
#include "qsim/state/parts.h"
#include "qsim/state/weights.h"

namespace qsim {
namespace {

constexpr int kTileBits = 12;             // 32 KiB of weights
constexpr Index kPolls = Index{1} << 14;  // entries between them
constexpr Index kMostParts = 64;          // of the sums, whatever the number of threads

std::vector<double> all_weights(int n_qubits, const auto& state) {
  auto out = long_vector<double>(bit(n_qubits));
  for_parts(n_qubits, [&](Part part) {
    const Index size = out.size() / part.count;
    read_weights(state, part.index * size, size, out.data() + part.index * size);
  });
  return out;
}

// The distribution over the qubits of a mask, in the order of their numbers. Tiles whose high kept
// bits agree are added up, a row of the result, in up to kMostParts parts in all.
template <class T>
std::vector<double> marginal(const State<T>& state, Index kept) {
  const int tile_bits = std::min(state.n_qubits(), kTileBits);
  const Index high = kept >> tile_bits;
  const int low_count = std::popcount(kept & (bit(tile_bits) - 1));
  const Index rows = bit(std::popcount(high));
  const Index tiles = bit(state.n_qubits() - tile_bits) / rows;  // of a row
  const Index parts = std::clamp(kMostParts / rows, Index{1}, tiles);
  const Index summed = ~high & (bit(state.n_qubits() - tile_bits) - 1);
  const auto spread = [](Index value, Index mask) {
    Index out = 0;
    for (; mask != 0; mask &= mask - 1, value >>= 1) {
      if ((value & 1) != 0) out |= mask & -mask;
    }
    return out;
  };
  auto sums = long_vector<double>(parts * rows << low_count);
  const auto add_part = [&](Index task) {
    double* const sum = sums.data() + (task << low_count);
    std::vector<double> weights(bit(tile_bits));
    const Index row = spread(task % rows, high);
    const Index part = task / rows;
    for (Index k = tiles / parts * part; k < tiles / parts * (part + 1); ++k) {
      if (state.n_qubits() > kPartQubits) poll_interrupt();
      const Index tile = row | spread(k, summed);
      read_weights(state, tile << tile_bits, weights.size(), weights.data());
      Index count = weights.size();
      for (int q = tile_bits - 1; q >= 0; --q) {
        if (!has_bit(kept, q)) count = fold(weights.data(), count, bit(q));
      }
      for (Index j = 0; j < count; ++j) sum[j] += weights[j];
    }
  };
  if (state.n_qubits() <= kPartQubits) {
    for (Index task = 0; task < parts * rows; ++task) add_part(task);
  } else {
    parallel_for(parts * rows, add_part);
  }
  const Index size = rows << low_count;
  for (Index k = size; k < sums.size(); ++k) {
    if (k % kPolls == 0) poll_interrupt();
    sums[k % size] += sums[k];
  }
  sums.resize(size);
  return sums;
}

}  // namespace

template <class T>
std::vector<double> State<T>::probabilities(std::span<const Qubit> qubits) const {
  require_distinct(qubits, n_qubits_);
  const int n_out = qubits.empty() ? n_qubits_ : static_cast<int>(qubits.size());
  // A marginal is summed in order first and put into the order asked for then.
  const double copies = qubits.empty() ? 1 : 2;
  require_memory(copies * std::ldexp(static_cast<double>(sizeof(double)), n_out),
                 concat("the distribution over ", n_out, " qubits"));
  if (qubits.empty()) return all_weights(n_qubits_, *this);
  std::vector<double> ordered = marginal(*this, mask_of(qubits));
  if (std::is_sorted(qubits.begin(), qubits.end())) return ordered;
  std::vector<Qubit> ranks;  // of each qubit among those kept
  for (const Qubit q : qubits) {
    ranks.push_back(static_cast<Qubit>(
        std::count_if(qubits.begin(), qubits.end(), [q](Qubit other) { return other < q; })));
  }
  auto out = long_vector<double>(ordered.size());
  for (Index k = 0; k < out.size(); ++k) {
    if (k % kPolls == 0) poll_interrupt();
    out[k] = ordered[scatter_bits(k, ranks)];
  }
  return out;
}

template std::vector<double> State<float>::probabilities(std::span<const Qubit>) const;
template std::vector<double> State<double>::probabilities(std::span<const Qubit>) const;

}  // namespace qsim
