#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace qsim {

inline constexpr std::uint64_t kHashStart = 14695981039346656037ULL;

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

// Of whole numbers.
inline std::uint64_t hash_of(std::initializer_list<std::uint64_t> numbers) {
  std::uint64_t hash = kHashStart;
  for (const std::uint64_t number : numbers) {
    const auto value = std::bit_cast<double>(number);
    hash = hash_of(hash, {&value, 1});
  }
  return hash;
}

}  // namespace qsim
