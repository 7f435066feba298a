#pragma once

#include <span>
#include <vector>

#include "qsim/core/pauli.h"
#include "qsim/state/state.h"

// Many Pauli strings on one state, in few sweeps over it. No state is copied; the scratch is a few
// megabytes at most besides what the terms themselves take.
//
// Strings with one X mask need the same products conj(ψ_i) ψ_{i⊕x}: they are formed once in chunks
// of 16 registers, and a Walsh–Hadamard transform of a chunk gives the sums for all Z masks. Masks
// whose bits above a tile lie in one span of five directions over GF(2) share a sweep, coset by
// coset of that span, each half of a second cache (pauli_plan.h). Images Σ c P ψ are the transpose.

namespace qsim {

// How a sweep cuts a state up (pauli_plan.h); tests make it small.
struct SweepSizes {
  int tile_bytes_bits = 14;   // two tiles fit the first cache,
  int coset_bytes_bits = 19;  // a coset half of the second
  int least_qubits = 12;      // of a state that is cut up: below, one string at a time is as fast
};

// ⟨P_k⟩ for each term, whose coefficients are not looked at.
template <class T>
std::vector<double> pauli_expectations(std::span<const PauliTerm> terms, const State<T>& state,
                                       const SweepSizes& sizes = {});

// out ← out + factor · Σ_k c_k P_k ψ. The states must not be the same object.
template <class T>
void accumulate_paulis(std::span<const PauliTerm> terms, double factor, const State<T>& state,
                       State<T>& out, const SweepSizes& sizes = {});

// ‖Σ_k c_k P_k ψ‖².
template <class T>
double image_norm2(std::span<const PauliTerm> terms, const State<T>& state,
                   const SweepSizes& sizes = {});

}  // namespace qsim
