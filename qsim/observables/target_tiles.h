#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "qsim/kernels/groups.h"
#include "qsim/state/state.h"

namespace qsim {

// A state in tiles on which a matrix on some qubits acts by itself: the low qubits and those of the
// matrix. A tile is gathered into a small state, so that nothing needs a copy of the whole.
template <class T>
class TargetTiles {
 public:
  TargetTiles(int n_qubits, std::span<const Qubit> targets) : low_(low_qubits(n_qubits, targets)) {
    std::vector<Qubit> high;
    for (const Qubit q : targets) {
      const bool is_low = q < low_;
      targets_.push_back(is_low ? q : low_ + static_cast<Qubit>(high.size()));
      if (!is_low) high.push_back(q);
    }
    n_qubits_ = low_ + static_cast<int>(high.size());
    for (Index run = 0; run < bit(n_qubits_ - low_); ++run) {
      runs_.push_back(scatter_bits(run, high));
    }
    Index rest = bit(n_qubits) - bit(low_);
    for (const Qubit q : high) rest &= ~bit(q);
    for (; rest != 0; rest &= rest - 1) rest_.push_back(std::countr_zero(rest));
  }

  [[nodiscard]] Index count() const { return bit(static_cast<int>(rest_.size())); }
  [[nodiscard]] int n_qubits() const { return n_qubits_; }                   // of a tile
  [[nodiscard]] std::span<const Qubit> targets() const { return targets_; }  // within a tile

  void gather(const State<T>& state, Index k, State<T>& tile) const {
    for_runs(k, [&](std::size_t in_state, std::size_t in_tile) {
      const T* const from = state.data() + in_state;
      std::copy(from, from + 2 * bit(storage_qubits<T>(low_)), tile.data() + in_tile);
    });
  }
  // out ← out + factor · tile, where the tile belongs.
  void add(const State<T>& tile, Index k, T factor, State<T>& out) const {
    for_runs(k, [&](std::size_t in_state, std::size_t in_tile) {
      kernels<T>().accumulate(out.data() + in_state, tile.data() + in_tile, storage_qubits<T>(low_),
                              {}, factor, {});
    });
  }

 private:
  // Half of a second-level cache at most, if the matrix lets it; at least a block of the layout.
  static int low_qubits(int n_qubits, std::span<const Qubit> targets) {
    constexpr int kMostLow = 12;
    constexpr int kMostQubits = 14;
    int low = std::min(n_qubits, kMostLow);
    const auto high = [&] {
      return static_cast<int>(
          std::count_if(targets.begin(), targets.end(), [&](Qubit q) { return q >= low; }));
    };
    while (low > kBlockBits<T> && low + high() > kMostQubits) --low;
    return low;
  }

  template <class Body>
  void for_runs(Index k, const Body& body) const {
    const Index base = scatter_bits(k, rest_);
    for (Index run = 0; run < runs_.size(); ++run) {
      body(real_offset<T>(base | runs_[run]), real_offset<T>(run << low_));
    }
  }

  int low_;
  int n_qubits_ = 0;
  std::vector<Qubit> targets_;
  std::vector<Index> runs_;  // where the runs of 2^low amplitudes of a tile begin
  std::vector<Qubit> rest_;
};

}  // namespace qsim
