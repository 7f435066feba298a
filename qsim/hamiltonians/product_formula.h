#pragma once

#include <cstdint>

#include "qsim/circuit/circuit.h"
#include "qsim/core/pauli.h"

// Evolution in time as circuits of Pauli rotations, exp(−iHt) up to its global phase: terms that
// are the identity have no gate. The time may have parameters. MemoryError, before it is made, for
// a circuit that has no room.

namespace qsim {

// A product formula: `n_steps` steps, each of the exponentials of the terms in their order
// (order 1, an error of t²/n_steps) or of Suzuki's symmetric products of them (order 2, 4, 6 or 8;
// Suzuki 1991, doi:10.1063/1.529425), neighbours with one string merged. ValueError for other
// orders and less than one step.
Circuit trotter(const PauliSum& hamiltonian, const Expression& time, WholeNumber n_steps,
                WholeNumber order = 1);

// The random product formula of Campbell (2019, arXiv:1811.08017): `n_samples` terms drawn by the
// sizes of their coefficients, each for the same time. Its mean over the seeds errs by about
// 2 (Σ|c| t)²/n_samples. ValueError for less than one sample.
Circuit qdrift(const PauliSum& hamiltonian, const Expression& time, WholeNumber n_samples,
               std::uint64_t seed);

// Adds exp(−iθ/2·P) for a string that is not the identity.
void add_rotation(const PauliString& string, const Expression& theta, Circuit& circuit);

}  // namespace qsim
