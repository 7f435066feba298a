#pragma once

#include <vector>

#include "qsim/circuit/operation.h"
#include "qsim/core/types.h"

namespace qsim {

struct Spectrum {
  std::vector<double> eigenvalues;  // ascending
  Matrix eigenvectors;              // in columns
};

Spectrum diagonalise(const Matrix& hermitian);

// The positive differences between the eigenvalues of a parametric primitive's generator,
// ascending: an expectation value is a Fourier series in the angle with just these frequencies. ½
// and 1 for a controlled Pauli rotation, 1 alone for a plain one, none for a global phase.
std::vector<double> frequencies(const Primitive& primitive);

}  // namespace qsim
