#pragma once

#include <array>
#include <span>
#include <vector>

#include "qsim/compile/program.h"
#include "qsim/kernels/batch.h"

// Runs of gates on one qubit, factor by factor: as a matrix for going forwards, as rotations of the
// Bloch sphere for going back.

namespace qsim {

using Matrix2x2 = std::array<Complex, 4>;  // row by row

inline Matrix2x2 adjoint(const Matrix2x2& m) {
  return {std::conj(m[0]), std::conj(m[2]), std::conj(m[1]), std::conj(m[3])};
}

// An angle φ = factor · (the angle of a slot), as kernels need its cosine and sine.
struct AngleUse {
  int slot = 0;
  double factor = 0.0;
};

// The angles that differ between the samples of a batch, and those that do not.
struct AngleUses {
  std::vector<AngleUse> varying{};
  std::vector<AngleUse> shared{};
};

// A constant matrix, or exp(−iφG).
struct RunPiece {
  using Kind = RunFactor<double>::Kind;
  Kind kind = Kind::kMatrix;
  bool varies = false;
  int angle = -1;                 // its place in `varying` or `shared`
  int slot = -1;                  // whose derivative this piece adds to …
  double factor = 0.0;            // … this many times
  Matrix2x2 matrix{};             // of a constant
  std::array<double, 9> bloch{};  // ½ Tr(σ_a U σ_b U†) of a constant, row by row
};
using Run = std::vector<RunPiece>;

// The step's factors as pieces; appends the angles they use. slot_varies[k]: whether the angle of
// slot k differs between samples.
Run run_of(const Step& step, const std::vector<char>& slot_varies, AngleUses& uses);

// Cosines and sines of the angles that are the same for all samples.
struct SharedAngles {
  std::vector<double> c{};
  std::vector<double> s{};
};

Matrix2x2 multiply(const Matrix2x2& a, const Matrix2x2& b);
// matrix ← piece · matrix, for a piece that does not vary.
void apply_piece(const RunPiece& piece, const SharedAngles& angles, Matrix2x2& matrix);

// U = diag(left) · R · diag(1, right), R the real rotation by (c, s).
struct Turned {
  double c = 1.0;
  double s = 0.0;
  std::array<Complex, 2> left{1.0, 1.0};
  Complex right = 1.0;
};
Turned turned(const Matrix2x2& unitary);

}  // namespace qsim
