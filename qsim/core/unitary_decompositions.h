#pragma once

#include <vector>

#include "qsim/core/types.h"

// Decompositions of unitary matrices, as those of decompositions.h: compiled once, and
// interruptible where the matrix is large.

namespace qsim {

// The unitary factor of the polar decomposition, nearest to the matrix in every unitarily invariant
// norm.
Matrix nearest_unitary(const Matrix& matrix);

// U = V·diag(e^{i·phase})·V†. V is unitary for repeated eigenvalues too.
struct UnitarySpectrum {
  std::vector<double> phases{};  // in (−π, π]
  Matrix eigenvectors{};         // V, in columns
};
UnitarySpectrum diagonalise_unitary(const Matrix& unitary);

// The principal power U^exponent of a unitary matrix: eigenphases in (−π, π] times the exponent.
Matrix unitary_power(const Matrix& unitary, double exponent);

// The cosine–sine decomposition of a unitary matrix of even size into four blocks of one size,
// where C and S are the cosines and sines of the angles, in [0, π/2]:
//
//     U = [left0   0  ] [C −S] [right0   0   ]
//         [  0   left1] [S  C] [  0    right1]
//
// By a singular value decomposition of the first block and, where the cosines are above √½, of
// what the second block has in place of small sines (Van Loan 1985, Numer. Math. 46, 479): all
// factors are unitary and their product U, to rounding, whatever the angles.
struct CosineSine {
  Matrix left0{};
  Matrix left1{};
  Matrix right0{};
  Matrix right1{};
  std::vector<double> angles{};
};
CosineSine cosine_sine(const Matrix& unitary);

}  // namespace qsim
