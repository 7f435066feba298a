#include "qsim/engines/blocks/bloch.h"

namespace qsim {

using Kind = RunPiece::Kind;

void turn_back(const Run& run, const SharedAngles& angles, Bloch m, double m0,
               std::span<double> by_slot) {
  for (std::size_t k = run.size(); k-- > 0;) {
    const RunPiece& piece = run[k];
    if (piece.kind == Kind::kMatrix) {
      m = rotate_back(piece.bloch, m);
      continue;
    }
    const PieceSlope slope = slope_of(piece.kind);
    by_slot[static_cast<std::size_t>(piece.slot)] +=
        piece.factor * (slope.along * m[slope.axis] + slope.one * m0);
    const auto angle = static_cast<std::size_t>(piece.angle);
    const std::size_t next = next_axis(slope.axis);
    rotate_back(turning(piece.kind, angles.c[angle], angles.s[angle]), m[next], m[next_axis(next)]);
  }
}

}  // namespace qsim
