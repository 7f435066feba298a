#pragma once

#include <string_view>

#include "qsim/core/pauli.h"
#include "qsim/hamiltonians/fermion_operator.h"

// Fermions as qubits. In each of these encodings qubit q holds the parity of the occupations of
// some modes (Seeley, Richard and Love 2012, arXiv:1208.5986), which says all: X turns the qubits
// that know of a mode, Z reads the parity of the modes below it and its own.

namespace qsim {

enum class FermionMapping : unsigned char {
  kJordanWigner,  // the mode's own occupation: strings as long as the number of modes
  kParity,        // of the mode and all below
  kBravyiKitaev   // of blocks as of a Fenwick tree: strings of about log2 of that many letters
};

// "jordan_wigner", "parity" or "bravyi_kitaev"; ValueError otherwise.
FermionMapping fermion_mapping(std::string_view name);

// The sum that acts on qubits as the operator does on fermions, on as many qubits as there are
// modes (0: as many as it needs). Coefficients below 1e-14 of the largest, left over by rounding,
// are dropped. ValueError unless the operator is Hermitian, and for too few modes.
PauliSum map_fermions(const FermionOperator& fermions, FermionMapping mapping,
                      WholeNumber n_modes = 0);

// The basis state of the qubits that stands for occupations, bit k being mode k.
Index encoded(Index occupations, FermionMapping mapping, int n_modes);

}  // namespace qsim
