#pragma once

#include "qsim/circuit/circuit.h"

// Circuits whose last qubit tells how states overlap: its ⟨Z⟩ is what they test.

namespace qsim {

// For U on qubits 0 … n−1 in a state |ψ⟩: ⟨Z⟩ of qubit n becomes Re⟨ψ|U|ψ⟩, or its imaginary part
// (Cleve, Ekert, Macchiavello, Mosca 1998, arXiv:quant-ph/9708016). ValueError for circuits that
// are not unitary.
Circuit hadamard_test(const Circuit& unitary, bool imaginary = false);

// For states ρ on qubits 0 … n−1 and σ on the n behind: ⟨Z⟩ of qubit 2n becomes tr ρσ, for pure
// states |⟨ψ|φ⟩|² (Buhrman, Cleve, Watrous, de Wolf 2001, arXiv:quant-ph/0102001): n controlled
// swaps.
Circuit swap_test(WholeNumber n_qubits);

}  // namespace qsim
