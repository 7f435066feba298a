#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/pauli.h"

// Pauli strings that commute can be measured together, by the same shots.

namespace qsim {

enum class Grouping : unsigned char {
  kNone,       // every string by itself
  kQubitwise,  // strings with the same letter on every qubit they share; turned by gates on one
               // qubit
  kFull,       // all that commute; turned by a Clifford circuit
};

// "none", "qubitwise" or "full"; ValueError listing them otherwise.
Grouping grouping(std::string_view name);

// Indices into `terms` without identities, each in one group of strings that commute: the largest
// coefficients first, each into the first group that takes it.
std::vector<std::vector<std::size_t>> commuting_groups(std::span<const PauliTerm> terms,
                                                       Grouping grouping);

// ± a Pauli string.
struct SignedPauli {
  PauliString string{};
  bool negative = false;
  bool operator==(const SignedPauli&) const = default;
};

// A circuit that turns commuting strings into strings of Zs, and what each of them becomes:
// P = U† (± Z…Z) U. Without gates on two qubits where the strings commute qubit by qubit.
// (Simultaneous diagonalisation by symplectic elimination, as in Crawford et al. 2021,
// doi:10.22331/q-2021-01-20-385.)
struct Diagonaliser {
  Diagonaliser(std::span<const PauliString> strings, int n_qubits);

  Circuit circuit;
  std::vector<SignedPauli> diagonal;  // of each string
};

}  // namespace qsim
