#pragma once

#include "qsim/core/pauli.h"

namespace qsim {

struct SpectralBounds {
  double lowest = 0;
  double highest = 0;
};

// Bounds on the eigenvalues of a sum, never too narrow: terms are cut into clusters on a few
// qubits, each of which is diagonalised, and their extremes added up (Anderson 1951,
// doi:10.1103/PhysRev.83.1260). Of a Heisenberg chain's bonds coefficients alone would say −3 and
// 3, one by itself has −3 and 1, and four in a row −1.93 and 1 for each.
SpectralBounds spectral_bounds(const PauliSum& sum);

}  // namespace qsim
