#pragma once

#include <complex>
#include <cstdint>
#include <vector>

#include "qsim/engines/batch.h"
#include "qsim/observables/quantity.h"

// Runs a program over a batch. Results are row by row: size × n_observables and so on. T is the
// precision of the states.

namespace qml {

using qsim::Batch;
using qsim::Quantity;
using qsim::quantity;
using qsim::Sampling;

// The values of every sample: size × n_values. With shots: means for expval, frequencies for probs.
template <class T = double>
std::vector<double> evaluate(const qsim::Program& program, const Batch& batch, Quantity quantity,
                             const Sampling& sampling = {});

// ⟨O_k⟩: size × n_observables.
template <class T = double>
std::vector<double> expval(const qsim::Program& program, const Batch& batch,
                           const Sampling& sampling = {}) {
  return evaluate<T>(program, batch, Quantity::kExpval, sampling);
}

// ⟨O_k²⟩ − ⟨O_k⟩²: size × n_observables.
template <class T = double>
std::vector<double> variance(const qsim::Program& program, const Batch& batch) {
  return evaluate<T>(program, batch, Quantity::kVariance);
}

// |ψ_i|²: size × 2^n.
template <class T = double>
std::vector<double> probabilities(const qsim::Program& program, const Batch& batch,
                                  const Sampling& sampling = {}) {
  return evaluate<T>(program, batch, Quantity::kProbs, sampling);
}

// Final amplitudes, in the precision of the states: size × 2^n.
template <class T = double>
std::vector<std::complex<T>> states(const qsim::Program& program, const Batch& batch);

// Basis states: size × shots.
template <class T = double>
std::vector<qsim::Index> sample(const qsim::Program& program, const Batch& batch,
                                std::int64_t shots, std::uint64_t seed);

}  // namespace qml
