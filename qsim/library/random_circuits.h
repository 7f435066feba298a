#pragma once

#include <cstdint>

#include "qsim/circuit/circuit.h"

// Random circuits, the same for the same seed on every machine.

namespace qsim {

// The model circuit of quantum volume (Cross, Bishop, Sheldon, Nation, Gambetta 2019,
// arXiv:1811.12926): `depth` times (0: n times) a random pairing of the qubits, and on each of the
// ⌊n/2⌋ pairs a matrix of SU(4), uniform by Haar's measure. ValueError for fewer than 2 qubits or a
// negative depth.
Circuit quantum_volume(WholeNumber n_qubits, WholeNumber depth, std::uint64_t seed);

// A Clifford group element on n qubits, each with the same probability up to its global phase, as
// about n² gates h, s, cx, swap, x, y, z: two random Paulis that anticommute become X and Z of the
// first qubit, then the same on the rest (van den Berg 2021, arXiv:2008.06011).
Circuit random_clifford(WholeNumber n_qubits, std::uint64_t seed);

}  // namespace qsim
