#pragma once

#include <Eigen/Core>
#include <span>

#include "qsim/core/pauli.h"
#include "qsim/hamiltonians/lattices.h"

// Problems over bits as diagonal observables: the value of a basis state is what is to be
// minimised, bit q being qubit q.

namespace qsim {

// Minus the weight of the edges whose ends differ: Σ w (Z_i Z_j − 1)/2. Edges as of a lattice;
// ValueError unless there is a weight for each, or none, for 1 each.
PauliSum maxcut(WholeNumber n_qubits, const Edges& edges, std::span<const double> weights = {});

// xᵀQx with x_q = (1 − Z_q)/2, the constant being the coefficient of the identity. ValueError
// unless the matrix is square, finite and of 1 to 62 rows; it may be symmetric, triangular or
// neither.
PauliSum qubo(const Eigen::MatrixXd& matrix);

}  // namespace qsim
