#pragma once

#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"

// Gates as syntheses find them: matrices on single qubits, controlled X and Z, a global phase.

namespace qsim {

using GateMatrix = Eigen::Matrix2cd;

// Angles below this are left out: many of them are still far below what a run rounds.
inline constexpr double kNegligibleAngle = 4e-15;

enum class Axis : unsigned char { kX, kY, kZ };
GateMatrix rotation(Axis axis, double angle);  // exp(−i·angle/2·P)

// What comes in a row on one qubit becomes one gate, by the simplest name there is for it: rz, p,
// ry or u; nothing where it does nothing.
class GateSequence {
 public:
  explicit GateSequence(int n_qubits);

  void local(Qubit q, const GateMatrix& unitary);
  void cx(Qubit control, Qubit target);
  void cz(Qubit a, Qubit b);
  void phase(double angle);

  // The gates, exactly: the global phase becomes that of qubit 0, by an rz at most. Once.
  Circuit finish();
  // The gates up to a phase: what was put in is e^{i·second}·first. Once.
  std::pair<Circuit, double> finish_up_to_phase();

 private:
  void flush(Qubit q);

  Circuit circuit_;
  std::vector<GateMatrix> waiting_;
  double phase_ = 0;
};

}  // namespace qsim
