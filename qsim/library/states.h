#pragma once

#include "qsim/circuit/circuit.h"

// Circuits that prepare states people know by name, from |0…0⟩.

namespace qsim {

// (|0…0⟩ + |1…1⟩)/√2: an H and n − 1 CNOTs in a row.
Circuit ghz_state(WholeNumber n_qubits);

}  // namespace qsim
