#pragma once

#include "qsim/core/pauli.h"

namespace qsim {

struct SpectralBounds {
  double lowest = 0;
  double highest = 0;
};

// Bounds on the eigenvalues of a sum, never too narrow: terms on the same few qubits are
// diagonalised together, and the extremes of these parts added up. Of a Heisenberg chain they are
// the −3 and 1 of each bond, where coefficients alone would say −3 and 3.
SpectralBounds spectral_bounds(const PauliSum& sum);

}  // namespace qsim
