#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <vector>

#include "qsim/kernels/layout.h"

// What passes over a tile do: a tile is a small state in cache, in the layout of layout.h.

namespace qsim {

// A register has at most this many lanes' bits, in single precision.
inline constexpr int kMostLaneBits = 4;

// A real rotation [c −s; s c] of one qubit. Written c·[1 −t; t 1] it takes one multiply-add a
// number instead of two; `tangent` says that the kernel leaves out the factor c.
template <class T>
struct TileRotation {
  Qubit qubit = 0;
  T c = 1;
  T s = 0;
  T t = 0;
  bool tangent = false;
};

// A factor for each amplitude, as a product of what depends on the high qubits and the lanes that
// a pass turns, and of what depends on all others: on the pattern of the other high qubits, or, of
// a tile, on each amplitude.
template <class T>
struct TurnPhases {
  static constexpr int kMostHigh = 3;
  static constexpr std::size_t kNumbers = (std::size_t{2} << kMostHigh) << kBlockBits<T>;

  bool any = false;
  const T* factors = nullptr;  // of a tile's amplitudes
  bool has_turned = true;      // beside them; alone always
  // For each pattern of the pass's high qubits and each lane: real parts of all lanes, then
  // imaginary ones.
  alignas(64) std::array<T, kNumbers> turned;
  std::vector<std::complex<T>> others;  // for each of their patterns; none: ones
};

// Gates on several qubits at once, each D·R·D with R real: post · Π R · scale · pre. Without
// phases real and imaginary parts are turned apart, which leaves registers for more high qubits.
template <class T>
struct TurnPass {
  static constexpr int kMostHigh = 4;

  int n_high = 0;  // qubits at or above the lane bits
  int n_low = 0;
  std::array<TileRotation<T>, kMostHigh> high{};
  std::array<TileRotation<T>, kMostLaneBits> low{};
  T scale = 1;  // where there are no phases
  TurnPhases<T> pre{};
  TurnPhases<T> post{};
  [[nodiscard]] bool has_phases() const { return pre.any || post.any; }
};

// Im ⟨bra|P|ket⟩ for P = X, Y, Z on some qubits.
struct AxesPass {
  static constexpr int kMostHigh = 2;
  int n_high = 0;
  int n_low = 0;
  std::array<Qubit, kMostHigh> high{};
  std::array<Qubit, kMostLaneBits> low{};
};

// A linear permutation of basis states, out[i] = in[M i ⊕ flip], for registers of 2^lane_bits
// amplitudes: register k of the result comes from the register at source[k], its lanes in the order
// orders[order[k]]. Where M takes lane bits to higher ones, lane ℓ comes from further on instead,
// by offsets[ℓ].
struct LinearPass {
  std::vector<std::uint32_t> source;  // amplitude indices, without flip
  std::vector<std::uint8_t> order;
  // lanes × lanes: entry [x][ℓ] is where lane ℓ comes from, for the xor pattern x.
  std::vector<std::uint8_t> orders;
  std::vector<std::uint32_t> offsets;        // the different ones
  std::vector<std::uint8_t> offset_of_lane;  // index into them
};

}  // namespace qsim
