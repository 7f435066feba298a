#include "qsim/engines/blocks/run.h"

#include <cmath>

#include "qsim/core/complex.h"

namespace qsim {
namespace {

using Kind = RunPiece::Kind;

const std::array<Matrix2x2, kAxes> kPaulis{
    Matrix2x2{0, 1, 1, 0}, Matrix2x2{0, Complex(0, -1), Complex(0, 1), 0}, Matrix2x2{1, 0, 0, -1}};

std::array<double, 9> bloch_rotation(const Matrix2x2& u) {
  std::array<double, 9> out{};
  for (std::size_t a = 0; a < kAxes; ++a) {
    for (std::size_t b = 0; b < kAxes; ++b) {
      const Matrix2x2 image = multiply(u, multiply(kPaulis[b], adjoint(u)));
      const Matrix2x2 product = multiply(kPaulis[a], image);
      out[a * kAxes + b] = (product[0] + product[3]).real() / 2;
    }
  }
  return out;
}

RunPiece constant(const Matrix& matrix) {
  RunPiece out;
  for (std::size_t k = 0; k < out.matrix.size(); ++k) out.matrix[k] = matrix.data()[k];
  out.bloch = bloch_rotation(out.matrix);
  return out;
}

Kind kind_of(const Factor& rotation) {
  if (rotation.controls.mask != 0) {
    return rotation.controls.value != 0 ? Kind::kProject1 : Kind::kProject0;
  }
  if (rotation.pauli.x == 0) return rotation.pauli.z == 0 ? Kind::kIdentity : Kind::kZ;
  return rotation.pauli.z == 0 ? Kind::kX : Kind::kY;
}

}  // namespace

Matrix2x2 multiply(const Matrix2x2& a, const Matrix2x2& b) {
  return {times(a[0], b[0]) + times(a[1], b[2]), times(a[0], b[1]) + times(a[1], b[3]),
          times(a[2], b[0]) + times(a[3], b[2]), times(a[2], b[1]) + times(a[3], b[3])};
}

Run run_of(const Step& step, const std::vector<char>& slot_varies, AngleUses& uses) {
  Run run;
  for (const Factor& factor : step.factors) {
    if (factor.kind == Primitive::Kind::kMatrix) {
      run.push_back(constant(factor.matrix));
      continue;
    }
    const bool varies = slot_varies[static_cast<std::size_t>(factor.slot)] != 0;
    const auto add = [&](Kind kind, double scale) {
      auto& angles = varies ? uses.varying : uses.shared;
      run.push_back({.kind = kind,
                     .varies = varies,
                     .angle = static_cast<int>(angles.size()),
                     .slot = factor.slot,
                     .factor = scale});
      angles.push_back({factor.slot, scale});
    };
    if (factor.kind == Primitive::Kind::kRotation) {
      add(kind_of(factor), factor.scale / 2);
      continue;
    }
    // An evolution is diagonal in its eigenbasis.
    run.push_back(constant(factor.matrix.adjoint()));
    add(Kind::kProject0, factor.eigenvalues[0]);
    add(Kind::kProject1, factor.eigenvalues[1]);
    run.push_back(constant(factor.matrix));
  }
  return run;
}

void apply_piece(const RunPiece& piece, const SharedAngles& angles, Matrix2x2& m) {
  if (piece.kind == Kind::kMatrix) {
    m = multiply(piece.matrix, m);
    return;
  }
  const double c = angles.c[static_cast<std::size_t>(piece.angle)];
  const double s = angles.s[static_cast<std::size_t>(piece.angle)];
  const Complex down(c, -s);
  constexpr std::size_t kColumns = 2;
  for (std::size_t column = 0; column < kColumns; ++column) {
    Complex& a = m[column];
    Complex& b = m[kColumns + column];
    const Complex old = a;
    switch (piece.kind) {
      case Kind::kX:  // c − i s X
        a = {c * a.real() + s * b.imag(), c * a.imag() - s * b.real()};
        b = {c * b.real() + s * old.imag(), c * b.imag() - s * old.real()};
        break;
      case Kind::kY:
        a = c * a - s * b;
        b = c * b + s * old;
        break;
      case Kind::kZ:
        a = times(down, a);
        b = times(std::conj(down), b);
        break;
      case Kind::kProject0:
        a = times(down, a);
        break;
      case Kind::kProject1:
        b = times(down, b);
        break;
      default:
        a = times(down, a);
        b = times(down, b);
        break;
    }
  }
}

Turned turned(const Matrix2x2& u) {
  // A number this small has no direction worth keeping.
  constexpr double kTiny = 1e-150;
  Turned out;
  const bool real = u[0].imag() == 0 && u[1].imag() == 0 && u[2].imag() == 0 && u[3].imag() == 0;
  if (real && u[0] == u[3] && u[1] == -u[2]) {
    out.c = u[0].real();
    out.s = u[2].real();
    return out;
  }
  out.c = std::sqrt(std::norm(u[0]));
  out.s = std::sqrt(std::norm(u[2]));
  if (out.c > kTiny) out.left[0] = u[0] / out.c;
  if (out.s > kTiny) out.left[1] = u[2] / out.s;
  out.right = out.c >= out.s ? times(std::conj(out.left[1]), u[3]) / out.c
                             : -times(std::conj(out.left[0]), u[1]) / out.s;
  return out;
}

}  // namespace qsim
