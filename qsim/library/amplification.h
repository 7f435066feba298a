#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "qsim/circuit/circuit.h"

// Amplitude amplification (Brassard, Høyer, Mosca, Tapp 2000, arXiv:quant-ph/0005055), of which
// Grover's search is the case of a uniform start (Grover 1996, arXiv:quant-ph/9605043).

namespace qsim {

// |x⟩ → −|x⟩ for the marked basis states: for each a Z under n − 1 controls. ValueError for states
// beyond 2^n and for those given twice.
Circuit phase_oracle(std::span<const std::uint64_t> marked, WholeNumber n_qubits);

// Q = A (2|0⟩⟨0| − 1) A⁻¹ O for an oracle O that changes the sign of the good states and a
// preparation A|0⟩ of the start, by default an H on every qubit. Where A|0⟩ is good with the
// probability sin²θ, Q turns it by 2θ: its eigenvalues there are exp(±2iθ). ValueError for circuits
// that are not unitary or not of the same size.
Circuit grover_operator(const Circuit& oracle,
                        const std::optional<Circuit>& state_preparation = std::nullopt);

// A, then Q n times: good with the probability sin²((2n + 1)θ).
Circuit grover(const Circuit& oracle, WholeNumber n_iterations,
               const std::optional<Circuit>& state_preparation = std::nullopt);

// The least number of iterations with the largest probability of success for a start that is good
// with `probability` (of M marked states in N and a uniform start: M/N): about
// π/4·√(1/probability). ValueError outside [1e-18, 1].
int grover_iterations(double probability);

}  // namespace qsim
