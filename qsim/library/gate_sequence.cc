#include "qsim/library/gate_sequence.h"

#include <cmath>
#include <numbers>

namespace qsim {
namespace {

using std::numbers::pi;

double folded(double angle) { return std::remainder(angle, 2 * pi); }

bool negligible(double angle) { return std::abs(angle) <= kNegligibleAngle; }

bool half_turn(double angle) { return negligible(std::abs(angle) - pi); }

// e^{i·phase}·U(θ, φ, λ).
struct EulerAngles {
  double theta = 0;
  double phi = 0;
  double lambda = 0;
  double phase = 0;
};

// The phases of entries that rounding alone has put there are not asked for.
EulerAngles euler_angles(const GateMatrix& u) {
  EulerAngles out;
  const double cosine = std::abs(u(0, 0));
  const double sine = std::abs(u(1, 0));
  out.theta = 2 * std::atan2(sine, cosine);
  if (negligible(out.theta)) {
    out.theta = 0;
    out.phase = std::arg(u(0, 0));
    out.lambda = folded(std::arg(u(1, 1)) - out.phase);
  } else if (half_turn(out.theta)) {
    out.theta = pi;
    out.phase = std::arg(u(1, 0));
    out.lambda = folded(std::arg(-u(0, 1)) - out.phase);
  } else {
    out.phase = std::arg(u(0, 0));
    out.phi = folded(std::arg(u(1, 0)) - out.phase);
    out.lambda = folded(std::arg(-u(0, 1)) - out.phase);
    // Of two that make up u(1, 1), the one from the smaller entry has the larger error.
    if (cosine > sine) out.lambda = folded(std::arg(u(1, 1)) - out.phase - out.phi);
  }
  return out;
}

// P(φ) RY(θ) P(λ), by a simpler name if there is one.
void add_u(Circuit& circuit, const EulerAngles& e, Qubit q) {
  if (e.theta == 0) {
    const double angle = folded(e.phi + e.lambda);
    if (!negligible(angle)) circuit.p(angle, q);
  } else if (negligible(e.phi) && negligible(e.lambda)) {
    circuit.ry(e.theta, q);
  } else if (half_turn(e.phi) && half_turn(e.lambda)) {
    circuit.ry(-e.theta, q);
  } else {
    circuit.u(e.theta, e.phi, e.lambda, q);
  }
}

}  // namespace

GateMatrix rotation(Axis axis, double angle) {
  constexpr Complex i(0, 1);
  const double c = std::cos(angle / 2);
  const double s = std::sin(angle / 2);
  GateMatrix out;
  switch (axis) {
    case Axis::kX:
      out << c, -i * s, -i * s, c;
      break;
    case Axis::kY:
      out << c, -s, s, c;
      break;
    case Axis::kZ:
      out << Complex(c, -s), 0, 0, Complex(c, s);
      break;
  }
  return out;
}

GateSequence::GateSequence(int n_qubits)
    : circuit_(n_qubits), waiting_(static_cast<std::size_t>(n_qubits), GateMatrix::Identity()) {}

void GateSequence::local(Qubit q, const GateMatrix& unitary) {
  GateMatrix& waiting = waiting_[static_cast<std::size_t>(q)];
  waiting = (unitary * waiting).eval();
}

void GateSequence::cx(Qubit control, Qubit target) {
  flush(control);
  flush(target);
  circuit_.cx(control, target);
}

void GateSequence::cz(Qubit a, Qubit b) {
  flush(a);
  flush(b);
  circuit_.cz(a, b);
}

// Folded, as thousands of phases would lose digits in a large sum.
void GateSequence::phase(double angle) { phase_ = folded(phase_ + angle); }

void GateSequence::flush(Qubit q) {
  GateMatrix& waiting = waiting_[static_cast<std::size_t>(q)];
  const EulerAngles angles = euler_angles(waiting);
  const bool is_rz = angles.theta == 0 && negligible(folded(2 * angles.phase + angles.lambda));
  if (is_rz && !negligible(angles.lambda)) {
    circuit_.rz(-2 * angles.phase, q);
  } else {
    add_u(circuit_, angles, q);
    phase(angles.phase);
  }
  waiting.setIdentity();
}

Circuit GateSequence::finish() {
  for (Qubit q = 1; q < circuit_.n_qubits(); ++q) flush(q);
  EulerAngles last = euler_angles(waiting_[0]);
  const double phase = folded(phase_ + last.phase);
  if (!negligible(phase)) last.phi += 2 * phase;  // e^{iδ} = RZ(−2δ)·P(2δ)
  last.phi = folded(last.phi);
  add_u(circuit_, last, 0);
  if (!negligible(phase)) circuit_.rz(-2 * phase, 0);
  return std::move(circuit_);
}

std::pair<Circuit, double> GateSequence::finish_up_to_phase() {
  for (Qubit q = 0; q < circuit_.n_qubits(); ++q) flush(q);
  return {std::move(circuit_), phase_};
}

}  // namespace qsim
