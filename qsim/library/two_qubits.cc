#include "qsim/library/two_qubits.h"

#include <Eigen/LU>  // determinants of 4 × 4, in closed form
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

namespace qsim {
namespace {

using Eigen::Matrix4cd;
using Eigen::Matrix4d;
using std::numbers::pi;

constexpr Complex kImaginary(0, 1);
// Of the coordinates of a gate: those below count as 0, so that fewer CX do.
constexpr double kNoInteraction = 2e-13;

// Columns are the states in which local gates are real, and XX, YY and ZZ diagonal.
Matrix4cd magic_basis() {
  constexpr Complex i = kImaginary;
  Matrix4cd out;
  out << 1, 0, 0, i, 0, i, 1, 0, 0, i, -1, 0, 1, 0, 0, -i;
  return out / std::numbers::sqrt2;
}

// Rotates columns p and q of the basis so that both matrices come nearer to diagonal ones.
void rotate_pair(Matrix4d& a, Matrix4d& b, Matrix4d& basis, int p, int q) {
  double same = 0;
  double across = 0;
  for (const Matrix4d* m : {&a, &b}) {
    const double difference = (*m)(p, p) - (*m)(q, q);
    const double twice = 2 * (*m)(p, q);
    same += difference * difference - twice * twice;
    across += 2 * difference * twice;
  }
  const double angle = std::atan2(across, same) / 4;
  Matrix4d turn = Matrix4d::Identity();
  turn(p, p) = turn(q, q) = std::cos(angle);
  turn(q, p) = std::sin(angle);
  turn(p, q) = -turn(q, p);
  a = (turn.transpose() * a * turn).eval();
  b = (turn.transpose() * b * turn).eval();
  basis = (basis * turn).eval();
}

// An orthonormal basis, of determinant 1, in which the real and the imaginary part of a symmetric
// unitary matrix are diagonal: both by the same Jacobi rotations (Cardoso, Souloumiac 1996), which
// repeated eigenvalues do not disturb.
Matrix4d common_eigenvectors(const Matrix4cd& symmetric) {
  constexpr int kSweeps = 40;  // half a dozen do
  constexpr double kDiagonal = 1e-32;
  Matrix4d a = symmetric.real();
  Matrix4d b = symmetric.imag();
  Matrix4d basis = Matrix4d::Identity();
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    double off = 0;
    for (int p = 0; p < 4; ++p) {
      for (int q = p + 1; q < 4; ++q) {
        off += a(p, q) * a(p, q) + b(p, q) * b(p, q);
        rotate_pair(a, b, basis, p, q);
      }
    }
    if (off <= kDiagonal) break;
  }
  if (basis.determinant() < 0) basis.col(0) = -basis.col(0);
  return basis;
}

// The factors of a tensor product of matrices with determinant 1.
std::array<GateMatrix, 2> tensor_factors(const Matrix4cd& product) {
  Eigen::Index row = 0;
  Eigen::Index column = 0;
  product.cwiseAbs().maxCoeff(&row, &column);
  GateMatrix low = product.block<2, 2>(row / 2 * 2, column / 2 * 2);
  low /= std::sqrt(low.determinant());
  GateMatrix high;
  for (Eigen::Index r = 0; r < 2; ++r) {
    for (Eigen::Index c = 0; c < 2; ++c) {
      high(r, c) = (low.adjoint() * product.block<2, 2>(2 * r, 2 * c)).trace() / 2.0;
    }
  }
  return {low, high};
}

// Exchanges two coordinates: a quarter turn of both qubits about the third axis does.
void exchange(CartanParts& parts, std::size_t one, std::size_t other) {
  std::swap(parts.xyz[one], parts.xyz[other]);
  const GateMatrix turn = rotation(static_cast<Axis>(3 - one - other), pi / 2);
  for (std::size_t q : {0U, 1U}) {
    parts.after[q] = (parts.after[q] * turn.adjoint()).eval();
    parts.before[q] = (turn * parts.before[q]).eval();
  }
}

// Into [−π/4, π/4]: exp(iπ/2·PP) = i·PP is local.
void reduce(CartanParts& parts) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    double& x = parts.xyz[axis];
    const double turns = std::round(x / (pi / 2));
    x -= turns * (pi / 2);
    if (std::remainder(turns, 2) != 0) {
      // P = i·exp(−iπ/2·P), so i·PP is −i times that of both qubits.
      const GateMatrix pauli = rotation(static_cast<Axis>(axis), pi);
      for (GateMatrix& after : parts.after) after = (after * pauli).eval();
      parts.phase += pi / 2 - pi + (turns - 1) * pi / 2;
    } else {
      parts.phase += turns * pi / 2;
    }
  }
  const auto size = [&parts](std::size_t k) { return std::abs(parts.xyz[k]); };
  if (size(0) < size(1)) exchange(parts, 0, 1);
  if (size(0) < size(2)) exchange(parts, 0, 2);
  if (size(2) < size(1)) exchange(parts, 1, 2);
}

// exp(±iπ/4·XX).
void add_one_cx(GateSequence& gates, double x, Qubit low, Qubit high) {
  static const GateMatrix hadamard = (GateMatrix() << 1, 1, 1, -1).finished() / std::numbers::sqrt2;
  const double sign = x < 0 ? -1 : 1;
  gates.local(high, hadamard);
  gates.cx(high, low);
  gates.local(high, hadamard);
  for (const Qubit q : {low, high}) gates.local(q, rotation(Axis::kX, -sign * pi / 2));
  gates.phase(-sign * pi / 4);
}

// exp(i(x·XX + z·ZZ)): CX makes X and Z on one qubit each of XX and ZZ.
void add_two_cx(GateSequence& gates, double x, double z, Qubit low, Qubit high) {
  gates.cx(high, low);
  gates.local(high, rotation(Axis::kX, -2 * x));
  gates.local(low, rotation(Axis::kZ, -2 * z));
  gates.cx(high, low);
}

// exp(i(x·XX + y·YY + z·ZZ)), by figure 6 of Vatan and Williams.
void add_three_cx(GateSequence& gates, const std::array<double, 3>& xyz, Qubit low, Qubit high) {
  const auto [x, y, z] = xyz;
  gates.local(low, rotation(Axis::kZ, -pi / 2));
  gates.cx(low, high);
  gates.local(high, rotation(Axis::kZ, pi / 2 - 2 * z));
  gates.local(low, rotation(Axis::kY, 2 * x - pi / 2));
  gates.cx(high, low);
  gates.local(low, rotation(Axis::kY, pi / 2 - 2 * y));
  gates.cx(low, high);
  gates.local(high, rotation(Axis::kZ, pi / 2));
  gates.phase(pi / 4);
}

void add_cartan(GateSequence& gates, const CartanParts& parts, Qubit low, Qubit high) {
  gates.local(low, parts.before[0]);
  gates.local(high, parts.before[1]);
  switch (cx_needed(parts)) {
    case 0:
      break;
    case 1:
      add_one_cx(gates, parts.xyz[0], low, high);
      break;
    case 2:
      add_two_cx(gates, parts.xyz[0], parts.xyz[2], low, high);
      break;
    default:
      add_three_cx(gates, parts.xyz, low, high);
  }
  gates.local(low, parts.after[0]);
  gates.local(high, parts.after[1]);
  gates.phase(parts.phase);
}

}  // namespace

CartanParts cartan_parts(const Matrix4cd& unitary) {
  static const Matrix4cd magic = magic_basis();
  CartanParts out;
  out.phase = std::arg(unitary.determinant()) / 4;
  const Matrix4cd v = std::polar(1.0, -out.phase) * (magic.adjoint() * unitary * magic);
  const Matrix4cd symmetric = v.transpose() * v;
  // v = real·diag(e^{iθ})·basisᵀ, where e^{2iθ} are the eigenvalues of vᵀv.
  const Matrix4d basis = common_eigenvectors(symmetric);
  std::array<double, 4> theta{};
  Matrix4d real;
  for (int k = 0; k < 4; ++k) {
    const Complex eigenvalue = (basis.col(k).transpose() * symmetric * basis.col(k))(0, 0);
    theta[static_cast<std::size_t>(k)] = std::arg(eigenvalue) / 2;
    real.col(k) =
        (std::polar(1.0, -theta[static_cast<std::size_t>(k)]) * (v * basis.col(k))).real();
  }
  if (real.determinant() < 0) {
    theta[0] += pi;
    real.col(0) = -real.col(0);
  }
  out.after = tensor_factors(magic * real * magic.adjoint());
  out.before = tensor_factors(magic * basis.transpose() * magic.adjoint());
  out.phase += (theta[0] + theta[1] + theta[2] + theta[3]) / 4;
  out.xyz = {(theta[0] + theta[1] - theta[2] - theta[3]) / 4,
             (-theta[0] + theta[1] - theta[2] + theta[3]) / 4,
             (theta[0] - theta[1] - theta[2] + theta[3]) / 4};
  reduce(out);
  return out;
}

int cx_needed(const CartanParts& parts) {
  const auto [x, y, z] = parts.xyz;
  if (std::abs(x) <= kNoInteraction) return 0;
  if (std::abs(y) > kNoInteraction) return 3;
  return std::abs(z) <= kNoInteraction && std::abs(std::abs(x) - pi / 4) <= kNoInteraction ? 1 : 2;
}

void add_two_qubits(GateSequence& gates, const Matrix4cd& unitary, Qubit low, Qubit high) {
  add_cartan(gates, cartan_parts(unitary), low, high);
}

// Two CX do where the trace of U·YY·Uᵀ·YY is real, U of determinant 1 (Shende, Bullock, Markov
// 2004): exp(−iψ/2·ZZ)·U is such for one ψ.
Matrix4cd add_two_qubits_up_to_diagonal(GateSequence& gates, const Matrix4cd& unitary, Qubit low,
                                        Qubit high) {
  constexpr int kSteps = 4;
  const CartanParts whole = cartan_parts(unitary);
  const auto yy = [](const Matrix4cd& u) -> Matrix4cd {
    Matrix4cd out = Matrix4cd::Zero();
    out(0, 3) = out(3, 0) = -1;
    out(1, 2) = out(2, 1) = 1;
    return u * out * u.transpose();
  };
  if (cx_needed(whole) < 3) {
    add_cartan(gates, whole, low, high);
    return Matrix4cd::Identity();
  }
  // By steps, as rounding makes the first rough where the interaction is weak.
  double psi = 0;
  std::optional<CartanParts> best;
  Eigen::Vector4cd best_turn;
  Matrix4cd rest = unitary;
  for (int k = 0; k < kSteps; ++k) {
    const Matrix4cd g = yy(std::polar(1.0, -std::arg(rest.determinant()) / 4) * rest);
    const Complex a = -2.0 * g(0, 3);
    const Complex b = 2.0 * g(1, 2);
    const double step = std::atan2((a + b).imag(), (a - b).real());
    psi += k == 0 ? step : std::remainder(step, pi);
    const Complex one = std::polar(1.0, -psi / 2);
    const Eigen::Vector4cd turn(one, std::conj(one), std::conj(one), one);
    rest = turn.asDiagonal() * unitary;
    const CartanParts parts = cartan_parts(rest);
    const double least = std::abs(parts.xyz[1]);
    if (best && least >= std::abs(best->xyz[1])) break;
    best = parts;
    best_turn = turn;
    if (least <= kNegligibleAngle / 8) break;
  }
  if (cx_needed(*best) < 3) {
    add_cartan(gates, *best, low, high);
    return best_turn.conjugate().asDiagonal().toDenseMatrix();
  }
  add_cartan(gates, whole, low, high);
  return Matrix4cd::Identity();
}

}  // namespace qsim
