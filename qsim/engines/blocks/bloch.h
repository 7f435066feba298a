#pragma once

#include <array>
#include <span>

#include "qsim/engines/blocks/run.h"

// A run of gates on one qubit on the way back: the numbers m_P = Im⟨bra|P|ket⟩ for P = X, Y, Z
// after it are turned back factor by factor, and give each angle's derivative on the way.

namespace qsim {

inline constexpr std::size_t kX = 0;
inline constexpr std::size_t kY = 1;
inline constexpr std::size_t kZ = 2;
using Bloch = std::array<double, kAxes>;

// The generator of a piece as weights of X, Y, Z and 1, so that ∂/∂φ = Σ_a weight_a m_a: twice the
// weights of G.
struct PieceSlope {
  std::size_t axis = kZ;
  double along = 0.0;
  double one = 0.0;
};
inline PieceSlope slope_of(RunPiece::Kind kind) {
  using Kind = RunPiece::Kind;
  switch (kind) {
    case Kind::kX:
      return {kX, 2.0, 0.0};
    case Kind::kY:
      return {kY, 2.0, 0.0};
    case Kind::kZ:
      return {kZ, 2.0, 0.0};
    case Kind::kProject0:
      return {kZ, 1.0, 1.0};
    case Kind::kProject1:
      return {kZ, -1.0, 1.0};
    default:
      return {kZ, 0.0, 2.0};
  }
}

// exp(−iφG) turns the Bloch sphere about the axis by twice the weight of the Pauli in G times φ;
// its cosine and sine from those of φ.
struct Turning {
  double c;
  double s;
};
inline Turning turning(RunPiece::Kind kind, double c, double s) {
  using Kind = RunPiece::Kind;
  switch (kind) {
    case Kind::kProject0:
      return {c, s};
    case Kind::kProject1:
      return {c, -s};
    case Kind::kIdentity:
      return {1.0, 0.0};
    default:
      return {c * c - s * s, 2 * c * s};
  }
}

constexpr std::size_t next_axis(std::size_t axis) { return (axis + 1) % kAxes; }

// m ← Rᵀ m for a rotation about an axis, on its components along the next two.
inline void rotate_back(Turning angle, double& next, double& after) {
  const double b = next;
  next = angle.c * b + angle.s * after;
  after = angle.c * after - angle.s * b;
}
inline Bloch rotate_back(const std::array<double, 9>& rotation, const Bloch& m) {
  Bloch out{};
  for (std::size_t a = 0; a < kAxes; ++a) {
    for (std::size_t b = 0; b < kAxes; ++b) out[b] += rotation[a * kAxes + b] * m[a];
  }
  return out;
}

// A whole run whose angles are the same for all samples; m0 = Im⟨bra|ket⟩. Adds to by_slot.
void turn_back(const Run& run, const SharedAngles& angles, Bloch m, double m0,
               std::span<double> by_slot);

}  // namespace qsim
