#pragma once

#include <algorithm>
#include <array>

#include "qsim/core/bits.h"
#include "qsim/kernels/kernels.h"

namespace qsim {

// Enumerates the vectors of 2^lane_bits consecutive amplitudes whose index has given values at some
// fixed positions, all at or above lane_bits: zero at the targets, the control's value at controls.
class Groups {
 public:
  Groups(int n_qubits, int lane_bits, Index zero_mask, ControlMask controls)
      : lane_bits_(lane_bits),
        fixed_((zero_mask | controls.mask) & ~(bit(lane_bits) - 1)),
        value_(controls.value & fixed_),
        last_(bit(n_qubits) - 1),
        count_(bit(n_qubits - lane_bits - std::popcount(fixed_))) {}

  // The groups of a part are the `size` ones from `start` on, by `next`. (The loop itself stands
  // where it is compiled for the instruction set of its body, which could not be inlined here.)
  [[nodiscard]] Index size(Part part) const {
    return split(part.index + 1, part.count) - split(part.index, part.count);
  }
  // The amplitude index at which the part's first group starts.
  [[nodiscard]] Index start(Part part) const {
    Index i = split(part.index, part.count) << lane_bits_;
    for (Index rest = fixed_; rest != 0; rest &= rest - 1) {
      i = insert_zero_bit(i, std::countr_zero(rest));
    }
    return i | value_;
  }
  // The start of the group after the one that starts at i: the carry runs through the fixed bits.
  [[nodiscard]] Index next(Index i) const { return after(i, 1); }
  // The same some groups on; past the last group it wraps round.
  [[nodiscard]] Index after(Index i, Index groups) const {
    return ((((i | fixed_) + (groups << lane_bits_)) & ~fixed_) & last_) | value_;
  }

 private:
  [[nodiscard]] Index split(Index index, Index parts) const {
    // Both are powers of two, or one part.
    return parts <= count_ ? count_ / parts * index : std::min(index, count_);
  }

  int lane_bits_;
  Index fixed_;
  Index value_;
  Index last_;
  Index count_;
};

// Which targets are low (inside a vector) and which are high.
class TargetSplit {
 public:
  TargetSplit(std::span<const Qubit> targets, int lane_bits) : targets_(targets) {
    for (std::size_t k = 0; k < targets.size(); ++k) {
      if (targets[k] < lane_bits) {
        low_[n_low_++] = k;
      } else {
        high_[n_high_++] = k;
        high_mask_ |= bit(targets[k]);
      }
    }
  }
  [[nodiscard]] std::size_t n_low() const { return n_low_; }
  [[nodiscard]] std::size_t n_high() const { return n_high_; }
  [[nodiscard]] Index high_mask() const { return high_mask_; }

  // The amplitude offset of pattern j of the high targets.
  [[nodiscard]] Index high_offset(Index j) const { return spread(j, high_, n_high_); }
  // The lane bits of pattern x of the low targets.
  [[nodiscard]] Index low_offset(Index x) const { return spread(x, low_, n_low_); }

  // The index, over all targets, of high pattern j in a lane.
  [[nodiscard]] Index local(Index j, Index lane) const {
    Index out = 0;
    for (std::size_t h = 0; h < n_high_; ++h) {
      out |= static_cast<Index>(has_bit(j, static_cast<int>(h))) << high_[h];
    }
    for (std::size_t l = 0; l < n_low_; ++l) {
      out |= static_cast<Index>(has_bit(lane, targets_[low_[l]])) << low_[l];
    }
    return out;
  }

 private:
  using Locals = std::array<std::size_t, kMaxQubits>;
  [[nodiscard]] Index spread(Index pattern, const Locals& locals, std::size_t count) const {
    Index out = 0;
    for (std::size_t k = 0; k < count; ++k) {
      if (has_bit(pattern, static_cast<int>(k))) out |= bit(targets_[locals[k]]);
    }
    return out;
  }

  std::span<const Qubit> targets_;
  Locals low_{};
  Locals high_{};
  std::size_t n_low_ = 0;
  std::size_t n_high_ = 0;
  Index high_mask_ = 0;
};

}  // namespace qsim
