#pragma once

#include <complex>
#include <span>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/evaluate.h"

// Overlaps and fidelities of the final states of two programs over as many qubits. One of the two
// batches may have size 1: it then stands for every sample of the other.

namespace qml {

struct Side {
  const qsim::Program& program;
  Batch batch{};
};

// ⟨a|b⟩ of every sample. Throws ValueError where the programs or the batches do not fit each other.
template <class T = double>
std::vector<std::complex<double>> overlap(const Side& a, const Side& b);

// |⟨a|b⟩|² of every sample.
template <class T = double>
std::vector<double> fidelity(const Side& a, const Side& b);

// As of vjp(), without values; a side of size 1 gets the sum over the samples of the other.
struct SideGradients {
  Gradients a{};
  Gradients b{};
};

// The gradients of Σ_s Re(conj(cotangent_s) ⟨a|b⟩_s). Throws ValueError for a wrong number of
// cotangents and for those that are not finite.
template <class T = double>
SideGradients overlap_vjp(const Side& a, const Side& b,
                          std::span<const std::complex<double>> cotangent);

// The gradients of Σ_s cotangent_s |⟨a|b⟩_s|².
template <class T = double>
SideGradients fidelity_vjp(const Side& a, const Side& b, std::span<const double> cotangent);

}  // namespace qml
