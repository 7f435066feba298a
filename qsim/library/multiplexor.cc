#include "qsim/library/multiplexor.h"

#include <array>
#include <bit>
#include <cmath>
#include <numbers>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/library/parts.h"

namespace qsim {
namespace {

using std::numbers::pi;

constexpr Complex kI(0, 1);

void require_finite_angles(std::span<const double> angles, std::string_view what) {
  for (std::size_t k = 0; k < angles.size(); ++k) {
    count_work();
    require(std::isfinite(angles[k]), what, " must be finite, got ", angles[k], " at index ", k);
  }
}

// Σ_j a_j (−1)^{parity(j & m)} / 2^k in the place of a_m.
void walsh_transform(std::vector<double>& a) {
  for (std::size_t step = 1; step < a.size(); step *= 2) {
    for (std::size_t j = 0; j < a.size(); ++j) {
      count_work();
      if ((j & step) != 0) continue;
      const double sum = a[j] + a[j + step];
      a[j + step] = (a[j] - a[j + step]) / 2;
      a[j] = sum / 2;
    }
  }
}

Axis axis_named(std::string_view rotation) {
  if (rotation == "rx") return Axis::kX;
  if (rotation == "ry") return Axis::kY;
  require(rotation == "rz", "a multiplexed rotation is 'rx', 'ry' or 'rz', got '", rotation, "'");
  return Axis::kZ;
}

// a ⊕ b = (r† ⊕ r)·(u ⊕ u)·(d ⊕ d†)·(v ⊕ v) with r and d = diag(e^{iπ/4}, e^{−iπ/4}) diagonal.
struct Demultiplexed {
  std::array<Complex, 2> r{};
  GateMatrix u{};
  GateMatrix v{};
};

// r makes r·(a b†)·r = u d² u† traceless with determinant 1, so that i times it has eigenvalues ±1.
Demultiplexed demultiplex(const GateMatrix& a, const GateMatrix& b) {
  const GateMatrix x = a * b.adjoint();
  const double det = std::arg(x(0, 0) * x(1, 1) - x(0, 1) * x(1, 0));
  const double first = (pi / 2 - det / 2 - (std::arg(x(0, 0)) - det / 2)) / 2;
  Demultiplexed out;
  out.r = {std::polar(1.0, first), std::polar(1.0, -det / 2 - first)};
  const Eigen::Vector2cd r(out.r[0], out.r[1]);
  const GateMatrix h = -kI * (r.asDiagonal() * x * r.asDiagonal()).eval();
  const double up = h(0, 0).real();
  const Complex across = h(0, 1);
  if (up >= 0) {
    out.u << 1 + up, -across, std::conj(across), 1 + up;
  } else {
    out.u << across, up - 1, 1 - up, std::conj(across);
  }
  out.u /= out.u.col(0).norm();
  const Eigen::Vector2cd d(std::polar(1.0, pi / 4), std::polar(1.0, -pi / 4));
  out.v = d.asDiagonal() * out.u.adjoint() * r.conjugate().asDiagonal() * b;
  return out;
}

}  // namespace

int qubits_of(std::size_t count, int least, std::string_view what) {
  require(std::has_single_bit(count) && count >= bit(least), what, " must be a power of 2 of ",
          bit(least), " or more, got ", count);
  const int n = std::countr_zero(count);
  require(n <= kMaxMultiplexedQubits, what, " are at most 2^", kMaxMultiplexedQubits, ", got ",
          count);
  return n;
}

MultiplexedRotation::MultiplexedRotation(Axis axis, std::vector<double> angles) : axis_(axis) {
  walsh_transform(angles);
  for (Index k = 0; k < angles.size(); ++k) {
    const Index mask = k ^ (k >> 1);  // the Gray code
    if (std::abs(angles[mask]) > kNegligibleAngle) steps_.emplace_back(mask, angles[mask]);
  }
}

Index MultiplexedRotation::controls_used() const {
  Index out = 0;
  for (const auto& [mask, angle] : steps_) out |= mask;
  return out;
}

void MultiplexedRotation::toggle(GateSequence& gates, Index mask, std::span<const Qubit> controls,
                                 Qubit target) const {
  for (; mask != 0; mask &= mask - 1) {
    const Qubit control = controls[static_cast<std::size_t>(std::countr_zero(mask))];
    axis_ == Axis::kZ ? gates.cx(control, target) : gates.cz(control, target);
  }
}

Index MultiplexedRotation::add_open(GateSequence& gates, std::span<const Qubit> controls,
                                    Qubit target) const {
  Index now = 0;
  for (const auto& [mask, angle] : steps_) {
    count_work();
    toggle(gates, now ^ mask, controls, target);
    gates.local(target, rotation(axis_, angle));
    now = mask;
  }
  return now;
}

void MultiplexedRotation::add(GateSequence& gates, std::span<const Qubit> controls,
                              Qubit target) const {
  toggle(gates, add_open(gates, controls, target), controls, target);
}

std::vector<Complex> add_up_to_diagonal(GateSequence& gates,
                                        const std::vector<GateMatrix>& unitaries,
                                        std::span<const Qubit> controls, Qubit target) {
  if (controls.empty()) {
    gates.local(target, unitaries.front());
    return {1, 1};
  }
  const std::size_t half = unitaries.size() / 2;
  const std::span<const Qubit> others = controls.first(controls.size() - 1);
  std::vector<GateMatrix> u(half);
  std::vector<GateMatrix> v(half);
  std::vector<std::array<Complex, 2>> r(half);
  for (std::size_t j = 0; j < half; ++j) {
    count_work();
    const Demultiplexed parts = demultiplex(unitaries[j], unitaries[j + half]);
    u[j] = parts.u;
    v[j] = parts.v;
    r[j] = parts.r;
  }
  // d ⊕ d† is a CZ, d on the target and diag(1, −i) on the control, which joins the diagonal.
  const std::vector<Complex> after_v = add_up_to_diagonal(gates, v, others, target);
  gates.cz(controls.back(), target);
  for (std::size_t j = 0; j < half; ++j) {
    u[j].col(0) *= std::polar(1.0, pi / 4) * after_v[2 * j];
    u[j].col(1) *= std::polar(1.0, -pi / 4) * after_v[2 * j + 1];
  }
  std::vector<Complex> out = add_up_to_diagonal(gates, u, others, target);
  out.resize(4 * half);
  for (std::size_t k = 0; k < 2 * half; ++k) {
    const Complex factor = r[k / 2][k % 2];
    out[k + 2 * half] = -kI * factor * out[k];
    out[k] *= std::conj(factor);
  }
  return out;
}

Circuit multiplexed_rotation(std::string_view rotation, std::span<const double> angles) {
  const Axis axis = axis_named(rotation);
  require(angles.size() <= bit(kMaxMultiplexedQubits - 1),
          "the angles of a multiplexed rotation are at most 2^", kMaxMultiplexedQubits - 1,
          ", got ", angles.size());
  const int n = qubits_of(angles.size(), 1, "the angles of a multiplexed rotation");
  require_finite_angles(angles, "the angles of a multiplexed rotation");
  GateSequence gates(n + 1);
  const MultiplexedRotation multiplexed(axis, {angles.begin(), angles.end()});
  multiplexed.add(gates, qubit_range(0, n), n);
  return gates.finish();
}

Circuit diagonal(std::span<const double> phases) {
  const int n = qubits_of(phases.size(), 1, "the phases of a diagonal");
  require_finite_angles(phases, "the phases of a diagonal");
  GateSequence gates(n);
  std::vector<double> left(phases.begin(), phases.end());
  for (int target = n - 1; target >= 0; --target) {
    const std::size_t half = left.size() / 2;
    std::vector<double> angles(half);
    for (std::size_t j = 0; j < half; ++j) {
      count_work();
      angles[j] = left[j + half] - left[j];
      left[j] = (left[j] + left[j + half]) / 2;
    }
    left.resize(half);
    MultiplexedRotation(Axis::kZ, std::move(angles)).add(gates, qubit_range(0, target), target);
  }
  gates.phase(left.front());
  return gates.finish();
}

}  // namespace qsim
