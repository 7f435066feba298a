#pragma once

#include <cstdint>

#include "qsim/circuit/circuit.h"

// Sums of numbers in registers of qubits, the least significant bit first. ValueError for sizes
// that no circuit has.

namespace qsim {

// |x⟩ → |x + value mod 2ⁿ⟩ for n = n_bits: phases between a Fourier transform and its inverse
// (Draper 2000, arXiv:quant-ph/0008033). A negative value subtracts.
Circuit add_constant(WholeNumber n_bits, std::int64_t value);

// |a⟩|b⟩ → |a⟩|a + b mod 2ⁿ⟩, a on qubits 0 … n−1, b behind it, by n(n+1)/2 controlled phases
// between a Fourier transform and its inverse (Draper 2000). No further qubits.
Circuit draper_adder(WholeNumber n_bits);

// |a⟩|b⟩|z⟩|0⟩ → |a⟩|a + b mod 2ⁿ⟩|z ⊕ carry⟩|0⟩ by a ripple of carries (Cuccaro, Draper, Kutin,
// Moulton 2004, arXiv:quant-ph/0410184): 2n Toffoli gates and 4n + 1 CNOTs. a on qubits 0 … n−1, b
// behind it, z is qubit 2n; qubit 2n + 1 comes in as a carry, usually 0, and is as before
// afterwards.
Circuit cuccaro_adder(WholeNumber n_bits);

}  // namespace qsim
