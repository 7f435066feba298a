#pragma once

#include <array>

#include "qsim/library/gate_sequence.h"

// Gates on two qubits by as few CX as they need.

namespace qsim {

// U = e^{i·phase}·(after[1] ⊗ after[0])·exp(i(x·XX + y·YY + z·ZZ))·(before[1] ⊗ before[0]), where
// π/4 ≥ |x| ≥ |z| ≥ |y|: the Cartan decomposition (Khaneja, Glaser 2001; Kraus, Cirac 2001,
// arXiv:quant-ph/0011050).
struct CartanParts {
  std::array<GateMatrix, 2> after{};
  std::array<GateMatrix, 2> before{};
  std::array<double, 3> xyz{};
  double phase = 0;
};
CartanParts cartan_parts(const Eigen::Matrix4cd& unitary);

// How many CX it takes: 0 to 3 (Shende, Bullock, Markov 2004, arXiv:quant-ph/0308033).
int cx_needed(const CartanParts& parts);

// The matrix, exactly, on two qubits, by as few CX (Vatan, Williams 2004, arXiv:quant-ph/0308006).
void add_two_qubits(GateSequence& gates, const Eigen::Matrix4cd& unitary, Qubit low, Qubit high);

// The same by at most 2 CX, up to the diagonal D that is returned: unitary = D·(the gates). (Where
// rounding hides D, by 3.)
Eigen::Matrix4cd add_two_qubits_up_to_diagonal(GateSequence& gates, const Eigen::Matrix4cd& unitary,
                                               Qubit low, Qubit high);

}  // namespace qsim
