#pragma once

#include <array>
#include <utility>
#include <vector>

#include "qsim/core/pauli.h"
#include "qsim/hamiltonians/fermion_mapping.h"

// Models of physics on the sites of a lattice, which any list of edges describes. Pauli matrices
// stand for spins: S = σ/2, so that J S·S is J/4 times XX + YY + ZZ.

namespace qsim {

using Edges = std::vector<std::pair<Qubit, Qubit>>;

// 0–1, 1–2, …; periodic chains of three sites or more have the edge from the last to the first too.
Edges chain_edges(WholeNumber n_sites, bool periodic);

// ValueError unless there are 1 to `most` sites, and for an edge from a site to itself; IndexError
// for an edge to a site that there is not.
void check_lattice(int n_sites, int most, const Edges& edges);

// −J Σ_edges Z_i Z_j − h Σ_i X_i. What follows checks its lattice, of up to 62 qubits, and throws
// ValueError for numbers that are not finite.
PauliSum transverse_ising(WholeNumber n_qubits, double coupling, double field, const Edges& edges);

// Σ_edges (J_x X_i X_j + J_y Y_i Y_j + J_z Z_i Z_j) + h Σ_i Z_i.
PauliSum heisenberg(WholeNumber n_qubits, const std::array<double, kAxes>& coupling, double field,
                    const Edges& edges);

// −t Σ_edges,σ (a†_iσ a_jσ + a†_jσ a_iσ) + U Σ_i n_i↑ n_i↓ − μ Σ_iσ n_iσ (Hubbard 1963,
// doi:10.1098/rspa.1963.0204). Mode 2i is site i with spin up, mode 2i + 1 with spin down; up to 31
// sites.
FermionOperator hubbard(WholeNumber n_sites, const Edges& edges, double hopping, double interaction,
                        double chemical_potential);

}  // namespace qsim
