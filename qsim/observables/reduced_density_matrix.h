#pragma once

#include <span>

#include "qsim/state/state.h"

namespace qsim {

// ρ = Tr_rest |ψ⟩⟨ψ| on k qubits, 2^k × 2^k; bit j of its index is qubits[j]. IndexError for a
// qubit that the state lacks; ValueError for none, for one twice and above 12; MemoryError, before
// allocating, where the matrix does not fit.
template <class T>
Matrix reduced_density_matrix(const State<T>& state, std::span<const Qubit> qubits);

}  // namespace qsim
