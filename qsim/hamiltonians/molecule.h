#pragma once

#include <Eigen/Core>
#include <span>

#include "qsim/hamiltonians/fermion_operator.h"

namespace qsim {

// The electrons of a molecule in n orthonormal real orbitals:
//
//   E + Σ h_pq a†_pσ a_qσ + ½ Σ (pq|rs) a†_pσ a†_rτ a_sτ a_qσ
//
// over orbitals p, q, r, s and spins σ, τ, with the integrals (pq|rs) as chemists write them, entry
// ((p·n + q)·n + r)·n + s (Szabo and Ostlund, Modern Quantum Chemistry, 2.96). Mode 2p is orbital p
// with spin up, mode 2p + 1 with spin down. Integrals below 1e-15 are left out. ValueError for
// shapes that do not fit, numbers that are not finite and more than 31 orbitals.
FermionOperator molecular_hamiltonian(const Eigen::MatrixXd& one_body,
                                      std::span<const double> two_body, double constant = 0);

}  // namespace qsim
