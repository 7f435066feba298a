#pragma once

#include "qsim/core/decompositions.h"
#include "qsim/core/pauli.h"

namespace qsim {

// All eigenvalues and eigenvectors of a sum, as a dense matrix: a real one, in a quarter of the
// time, where every string has an even number of Ys. ValueError above 12 qubits.
Spectrum spectrum_of(const PauliSum& sum);

}  // namespace qsim
