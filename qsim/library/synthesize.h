#pragma once

#include "qsim/circuit/circuit.h"

// A circuit of gates on one and two qubits for any unitary matrix.

namespace qsim {

inline constexpr int kMaxSynthesisQubits = 10;

// The 2^n × 2^n unitary matrix, or the unitary one nearest to it, with its phase, by cx, cz and
// gates on single qubits: one qubit by a u, two by the fewest CX there are, 0 to 3 (two_qubits.h),
// more by the quantum Shannon decomposition with its two optimisations (Shende, Bullock, Markov
// 2006, arXiv:quant-ph/0406176), at most (23/48)·4^n − (3/2)·2^n + 4/3 CX and CZ: 20, 100, 444,
// 1868, 7660 for 3 to 7 qubits. Matrices with structure need fewer. ValueError for a matrix that is
// not unitary, not square or not of 1 to kMaxSynthesisQubits qubits.
Circuit synthesize(const Matrix& unitary);

}  // namespace qsim
