#pragma once

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "qsim/core/types.h"

namespace qsim {

// bit(3) = 0b1000.
constexpr Index bit(int position) { return Index{1} << position; }

// has_bit(0b0110, 1) = true.
constexpr bool has_bit(Index value, int position) { return ((value >> position) & 1U) != 0; }

// insert_zero_bit(0b1011, 2) = 0b10011: the bits from `position` up move one place higher.
constexpr Index insert_zero_bit(Index value, int position) {
  const Index low = value & (bit(position) - 1);
  return ((value ^ low) << 1) | low;
}

// parity(0b1011) = true: an odd number of ones.
constexpr bool parity(Index value) { return (std::popcount(value) & 1) != 0; }

// gather_bits(0b1010, {3, 0}) = 0b01: bit 3 becomes bit 0 of the result, bit 0 becomes bit 1.
inline Index gather_bits(Index value, std::span<const Qubit> positions) {
  Index out = 0;
  for (std::size_t k = 0; k < positions.size(); ++k) {
    out |= static_cast<Index>(has_bit(value, positions[k])) << k;
  }
  return out;
}

// scatter_bits(0b01, {3, 0}) = 0b1000: the inverse of gather_bits, all other bits zero.
inline Index scatter_bits(Index value, std::span<const Qubit> positions) {
  Index out = 0;
  for (std::size_t k = 0; k < positions.size(); ++k) {
    out |= static_cast<Index>(has_bit(value, static_cast<int>(k))) << positions[k];
  }
  return out;
}

// places_of({5, 2}, {2, 4, 5}) = {2, 0}: where positions stand among ascending ones that have them.
inline std::vector<Qubit> places_of(std::span<const Qubit> positions,
                                    std::span<const Qubit> among) {
  std::vector<Qubit> out;
  for (const Qubit q : positions) {
    out.push_back(static_cast<Qubit>(std::ranges::lower_bound(among, q) - among.begin()));
  }
  return out;
}

// mask_of({0, 2}) = 0b101.
inline Index mask_of(std::span<const Qubit> positions) {
  Index out = 0;
  for (const Qubit q : positions) out |= bit(q);
  return out;
}

// The basis states whose bits under `mask` equal `value`: where all controls hold.
struct ControlMask {
  Index mask = 0;
  Index value = 0;
  [[nodiscard]] constexpr bool holds(Index i) const { return (i & mask) == value; }
};

}  // namespace qsim
