#pragma once

#include <optional>
#include <span>

#include "qsim/circuit/circuit.h"
#include "qsim/core/pauli.h"

// Trainable circuits made of Hamiltonians: evolutions under their terms, in turn.

namespace qml {

// The quantum approximate optimization algorithm (Farhi, Goldstone, Gutmann 2014, arXiv:1411.4028):
// depth times exp(−i·gamma[k]·C) and exp(−i·beta[k]·B), C the cost and B the mixer. Without a
// mixer, B is the sum of X over all qubits and the circuit starts with an H on each; with one
// (Hadfield et al. 2019, arXiv:1709.03489), it starts with `initial`, |0…0⟩ if there is none. Terms
// of C, or of B, that do not commute act one after the other, in the order of the sum; identities,
// which are phases, are left out. Parameters: gamma[0 … depth−1], beta[0 … depth−1]. ValueError for
// depth < 1, for sums without other terms than identities, and for parts on different numbers of
// qubits.
qsim::Circuit qaoa(const qsim::PauliSum& cost, qsim::WholeNumber depth,
                   const std::optional<qsim::PauliSum>& mixer = std::nullopt,
                   const std::optional<qsim::Circuit>& initial = std::nullopt);

// The Hamiltonian variational ansatz (Wecker, Hastings, Troyer 2015, arXiv:1507.08969): `initial`,
// |0…0⟩ if there is none, then depth times exp(−i·theta[l·g + k]·H_k) for the g groups H_k in turn,
// whose terms act as those of qaoa. ValueError for depth < 1, for no groups, for groups without
// other terms than identities, and for parts on different numbers of qubits.
qsim::Circuit hamiltonian_variational(std::span<const qsim::PauliSum> groups,
                                      qsim::WholeNumber depth,
                                      const std::optional<qsim::Circuit>& initial = std::nullopt);

}  // namespace qml
