#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace qsim {

// A hash of a list of numbers, by their bits, and of what a hash says already: FNV-1a, with the
// high bits of each, which round numbers differ in alone, mixed into the low ones.
inline std::uint64_t hash_of(std::uint64_t hash, std::span<const double> values) {
  constexpr std::uint64_t kPrime = 1099511628211ULL;
  constexpr int kHalf = 32;
  for (const double value : values) {
    hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * kPrime;
    hash ^= hash >> kHalf;
  }
  return hash;
}

}  // namespace qsim
