#pragma once

#include "qsim/circuit/circuit.h"

// The quantum Fourier transform.

namespace qsim {

// |x⟩ → Σ_y exp(2πi·x·y/2ⁿ) |y⟩ / √2ⁿ (Coppersmith 1994, arXiv:quant-ph/0201067): n Hadamards,
// n(n−1)/2 controlled phases and ⌊n/2⌋ swaps. Without swaps the result has its bits in reverse
// order. With a degree d ≥ 1 the phases between qubits d or more apart are left out, which errs by
// less than 2π·n·2^−d; 0 has them all. ValueError for a negative degree.
Circuit qft(WholeNumber n_qubits, bool inverse = false, bool swaps = true, WholeNumber degree = 0);

}  // namespace qsim
