#pragma once

#include <bit>
#include <cstddef>

#include "qsim/core/pauli.h"

namespace qsim {

// Pauli strings that share one X mask, and of which all have an even number of Ys or all an odd
// one, share the products conj(ψ_i) ψ_{i^x}: their real parts where it is even, their imaginary
// parts where it is odd. With w Ys, P ψ = (−i)^w (−1)^parity(i&z) ψ_{i^x}, and
//
//   ⟨P⟩ = pauli_sign(P) · Σ_i (−1)^parity(i&z) · (Re or Im) conj(ψ_i) ψ_{i^x}.
struct PauliClass {
  Index x = 0;
  bool odd = false;
  std::size_t first = 0;  // of its strings, among those of a plan
  std::size_t count = 0;  // at most kMostStrings
};

// A kernel keeps one register for each string of a class on its stack.
inline constexpr std::size_t kMostStrings = 128;

constexpr bool has_odd_ys(PauliString p) { return parity(p.x & p.z); }
constexpr double pauli_sign(PauliString p) {
  return (std::popcount(p.x & p.z) & 2) != 0 ? -1.0 : 1.0;
}

// 2^bits consecutive amplitudes.
struct Stretch {
  Index start = 0;
  int bits = 0;
};

}  // namespace qsim
