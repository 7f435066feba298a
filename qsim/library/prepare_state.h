#pragma once

#include <span>

#include "qsim/circuit/circuit.h"

// Any state from |0…0⟩ by gates, for what cannot set amplitudes as Circuit::initialize does:
// devices, files, parts of larger circuits and their inverses.

namespace qsim {

// The state of 2^n amplitudes, which are normalised, with its phase, from |0…0⟩; its inverse()
// takes the state to |0…0⟩. At most 2^n − n − 1 CZ and about as many gates on single qubits twice
// over: qubit after qubit is rotated into |0⟩ by a gate for each basis state of those above it
// (Möttönen et al. 2005, arXiv:quant-ph/0407010), up to phases that the next step takes along
// (Bergholm et al. 2005, arXiv:quant-ph/0410066). Real amplitudes need ry alone; qubits that a gate
// does not depend on are left out, so that product states need no CZ and GHZ states n − 1.
// ValueError unless there are 2^n finite amplitudes, not all 0, for n from 1 to
// kMaxMultiplexedQubits (multiplexor.h).
Circuit prepare_state(std::span<const Complex> amplitudes);

}  // namespace qsim
