#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qsim/compile/program.h"

// Kernels k(x, y) between samples by way of the states |φ(x)⟩ that a program prepares. Every state
// is prepared once and all overlaps come from one blocked matrix product.

namespace qml {

struct KernelOptions {
  // Samples whose states are held at once, of each side; more are prepared again, chunk by chunk. 0
  // takes as many as fit a quarter of the available memory.
  std::size_t samples_at_once = 0;
};

// |⟨φ(x_i)|φ(y_j)⟩|² (Havlíček et al. 2019, arXiv:1804.11326), x.size × y.size row by row. Without
// y it is the Gram matrix of x: exactly symmetric, its diagonal exactly 1, half of it computed. The
// same bits for any number of threads. Throws ValueError as check(program, batch)
// does and MemoryError, before any work, for a matrix larger than memory.
template <class T = double>
std::vector<double> fidelity_kernel(const qsim::Program& program, const Batch& x,
                                    const std::optional<Batch>& y = std::nullopt,
                                    const KernelOptions& options = {});

// ⟨X_q⟩, ⟨Y_q⟩ and ⟨Z_q⟩ of every qubit q: size × n_qubits × 3. They fix the reduced state of the
// qubit, ρ_q = (1 + ⟨X_q⟩X + ⟨Y_q⟩Y + ⟨Z_q⟩Z) / 2.
template <class T = double>
std::vector<double> bloch_vectors(const qsim::Program& program, const Batch& batch);

// exp(−γ Σ_q ‖ρ_q(x_i) − ρ_q(y_j)‖²), the norm being Frobenius' (Huang et al. 2021, Nature
// Communications 12:2631, arXiv:2011.01938), as fidelity_kernel otherwise. ValueError unless γ is
// positive and finite.
template <class T = double>
std::vector<double> projected_kernel(const qsim::Program& program, const Batch& x,
                                     const std::optional<Batch>& y, double gamma);

// The same of Bloch vectors that are there already: rows of n numbers each; without columns they
// are those of the rows.
std::vector<double> projected_kernel(std::span<const double> rows,
                                     const std::optional<std::span<const double>>& columns,
                                     std::size_t n, double gamma);

}  // namespace qml
