#include "qml/gradients/run_back.h"

namespace qml {

using qsim::Piece;
using Kind = Piece::Kind;

Slope slope_of(Kind kind) {
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

Angle turning(Kind kind, double c, double s) {
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

Bloch rotate_back(const std::array<double, 9>& rotation, const Bloch& m) {
  Bloch out{};
  for (std::size_t a = 0; a < kAxes; ++a) {
    for (std::size_t b = 0; b < kAxes; ++b) out[b] += rotation[a * kAxes + b] * m[a];
  }
  return out;
}

void run_back(const qsim::Run& run, const qsim::SharedAngles& angles, Bloch m, double m0,
              std::span<double> by_slot) {
  for (std::size_t k = run.size(); k-- > 0;) {
    const Piece& piece = run[k];
    if (piece.kind == Kind::kMatrix) {
      m = rotate_back(piece.bloch, m);
      continue;
    }
    const Slope slope = slope_of(piece.kind);
    by_slot[static_cast<std::size_t>(piece.slot)] +=
        piece.factor * (slope.along * m[slope.axis] + slope.one * m0);
    const auto angle = static_cast<std::size_t>(piece.angle);
    const std::size_t next = next_axis(slope.axis);
    rotate_back(turning(piece.kind, angles.c[angle], angles.s[angle]), m[next], m[next_axis(next)]);
  }
}

}  // namespace qml
