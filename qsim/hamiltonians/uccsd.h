#pragma once

#include "qsim/circuit/circuit.h"
#include "qsim/hamiltonians/fermion_mapping.h"

namespace qsim {

// The state of n_electrons electrons in the lowest of n_modes spin orbitals, then exp(θ (T − T†))
// for every single and double excitation T that keeps the spins, each once (unitary coupled
// cluster, Trotterised: Peruzzo et al. 2014, arXiv:1304.3061). Spin orbitals as of
// molecular_hamiltonian(), even ones up. The angles are the parameters t[0], t[1], …: single
// excitations first, by the orbitals they leave, then those they reach. ValueError for an odd
// number of spin orbitals, or none, or above 62, and for more electrons than those hold.
Circuit uccsd(WholeNumber n_electrons, WholeNumber n_modes,
              FermionMapping mapping = FermionMapping::kJordanWigner);

}  // namespace qsim
