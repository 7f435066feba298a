#pragma once

#include <span>

#include "qsim/circuit/circuit.h"

// The phases of a unitary's eigenvalues.

namespace qsim {

// Phase estimation (Kitaev 1995, arXiv:quant-ph/9511026; with the Fourier transform: Cleve, Ekert,
// Macchiavello, Mosca 1998, arXiv:quant-ph/9708016). On the n qubits of U, which come first and are
// to hold an eigenstate or a sum of them, and m counting qubits n … n+m−1: U^(2^k) under counting
// qubit k, then the inverse Fourier transform. For U|ψ⟩ = exp(2πi·φ)|ψ⟩ the counting qubits then
// show about 2^m·φ: the nearest whole number with a probability of 4/π² at least. A circuit of one
// operation is raised to a power at once, any other is repeated, 2^m − 1 times in all. ValueError
// for circuits that are not unitary and for m outside [1, 30]; MemoryError for too many operations.
Circuit phase_estimation(const Circuit& unitary, WholeNumber n_counting);

// The phase φ in [0, 1) from how often, or how probably, each of the 2^m outcomes comes up, for
// weights of any sum: where the two largest neighbours put it. Exact for the exact probabilities of
// an eigenstate; of a sum of eigenstates the most probable one counts. ValueError unless there are
// 2^m ≥ 2 weights, finite and not negative, and one is positive.
double estimate_phase(std::span<const double> weights);

}  // namespace qsim
