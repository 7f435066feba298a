#pragma once

#include <span>
#include <utility>

#include "qsim/circuit/circuit.h"

// Circuits that prepare states people know by name, from |0…0⟩. ValueError for sizes that no
// circuit has.

namespace qsim {

// (|0…0⟩ + |1…1⟩)/√2: an H and n − 1 CNOTs in a row.
Circuit ghz_state(WholeNumber n_qubits);

// The sum of all basis states with one 1, over √n: n − 1 controlled rotations, each with a CNOT.
Circuit w_state(WholeNumber n_qubits);

// The sum of all basis states with n_ones times 1, normalised (Bärtschi and Eidenbenz 2019,
// arXiv:1904.07358): kn − k(k+1)/2 controlled rotations between two CNOTs each, for k = n_ones or,
// if fewer, n − n_ones with an X on every qubit. ValueError for n_ones outside [0, n].
Circuit dicke_state(WholeNumber n_qubits, WholeNumber n_ones);

// An H on every qubit, a CZ on every edge (Hein, Eisert, Briegel 2004, arXiv:quant-ph/0307130). 0
// qubits: as many as the edges name. ValueError for edges given twice, in either direction.
Circuit graph_state(std::span<const std::pair<Qubit, Qubit>> edges, WholeNumber n_qubits = 0);

}  // namespace qsim
