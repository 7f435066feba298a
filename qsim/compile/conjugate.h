#pragma once

#include <vector>

#include "qsim/circuit/operation.h"

namespace qsim {

// The same product, with diagonal rotations between two equal cx as rotations of longer strings:
//
//   cx(c, t) · exp(−iθ Z_t) · cx(c, t) = exp(−iθ Z_c Z_t)
//
// Feature maps, QAOA and product formulas are written so wherever gates have no other spelling.
// Diagonal steps commute and share a pass; cx and rotations in turn do not. Phases that are left
// over come together at the end.
std::vector<Primitive> with_parities(std::vector<Primitive> primitives, int n_qubits);

}  // namespace qsim
