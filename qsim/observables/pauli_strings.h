#pragma once

#include <span>
#include <vector>

#include "qsim/core/pauli.h"
#include "qsim/observables/pauli_sweep.h"
#include "qsim/state/state.h"

// Many Pauli strings on one state, in few sweeps over it. No state is copied; the scratch is a few
// megabytes at most besides what the terms themselves take.
//
// Strings with one X mask need the same products conj(ψ_i) ψ_{i⊕x}: they are formed once in chunks
// of 16 registers, and a Walsh–Hadamard transform of a chunk gives the sums for all Z masks. Masks
// whose bits above a tile lie in one span of five directions over GF(2) share a sweep, coset by
// coset of that span, each half of a second cache (pauli_plan.h). Images Σ c P ψ (pauli_operator.h)
// are the transpose.

namespace qsim {

// ⟨P_k⟩ for each term, whose coefficients are not looked at.
template <class T>
std::vector<double> pauli_expectations(std::span<const PauliTerm> terms, const State<T>& state,
                                       const SweepSizes& sizes = {});

}  // namespace qsim
