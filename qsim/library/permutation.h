#pragma once

#include <span>

#include "qsim/circuit/circuit.h"

// A permutation of basis states as a circuit of X under controls.

namespace qsim {

inline constexpr int kMaxPermutationQubits = 12;

// |k⟩ → |images[k]⟩ on n qubits, by at most n·2^n X under up to n − 1 controls, without ancillas
// (Miller, Maslov, Dueck 2003: transformation-based synthesis, one basis state after the other from
// the outputs' side). ValueError unless the images are 0 … 2^n − 1 in any order,
// 1 ≤ n ≤ kMaxPermutationQubits.
Circuit permutation(std::span<const Index> images);

}  // namespace qsim
