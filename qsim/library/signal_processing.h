#pragma once

#include <span>
#include <vector>

#include "qsim/circuit/circuit.h"

// Quantum signal processing: a polynomial of a number x = cos θ by rotations in turn about two
// axes, and of the singular values of a block of a circuit.

namespace qsim {

inline constexpr int kMaxSignalDegree = 2000;

// The d + 1 angles φ, the same from both ends, for which Re⟨0|U|0⟩ = Σ_k c_k T_k(x) with
//
//     U = e^{iφ₀Z} W e^{iφ₁Z} W … W e^{iφ_dZ},   W = exp(iθX),   x = cos θ,
//
// for the coefficients c of Chebyshev polynomials T; d is the index of the last that is not 0. By
// Newton's method from φ = 0 (Dong, Lin, Ni, Wang 2023, arXiv:2307.12468; the convention is that of
// Dong, Meng, Whaley, Lin 2021, arXiv:2002.11649), to about 1e-13 in the polynomial's values.
// ValueError unless the coefficients are finite, all of even or all of odd index (others are 0),
// their polynomial is in [−1, 1] on [−1, 1], and d ≤ kMaxSignalDegree.
std::vector<double> qsp_angles(std::span<const double> coefficients);

// U on one qubit for any such angles: rz(−2φ) and d times rx(−2θ). ValueError for no angles.
Circuit qsp(std::span<const double> angles, const Expression& theta);

// The polynomial of a matrix A, the block of a circuit where its last n_ancillas qubits start and
// end in |0⟩, for the angles of qsp_angles (Gilyén, Su, Low, Wiebe 2019, arXiv:1806.01838). The
// circuit has one qubit more, the last; where that and the ancillas start and end in |0⟩ stands,
// for A = Σ σ|w⟩⟨v|, the matrix Σ P(σ)|w⟩⟨v| for odd degrees d, Σ P(σ)|v⟩⟨v| for even ones: P(A)
// for a Hermitian A. The encoding and its inverse act in turn, d times in all. ValueError for an
// encoding that is not unitary, for a number of ancillas that leaves no other qubit, and for no
// angles.
Circuit qsvt(std::span<const double> angles, const Circuit& encoding, WholeNumber n_ancillas);

}  // namespace qsim
