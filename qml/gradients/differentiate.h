#pragma once

#include <complex>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "qml/gradients/batch.h"
#include "qsim/compile/program.h"

// Runs a program over a batch and differentiates its expectation values. Results are row by row:
// size × n_observables and so on. T is the precision of the states.

namespace qml {

struct ExpvalOptions {
  std::optional<std::int64_t> shots;  // none: exact
  std::uint64_t seed = 0;             // of the shots
};

// ⟨O_k⟩ for every sample: size × n_observables.
template <class T>
std::vector<double> expval(const qsim::Program& program, const Batch& batch,
                           const ExpvalOptions& options = {});

// Variances ⟨O_k²⟩ − ⟨O_k⟩²: size × n_observables.
template <class T>
std::vector<double> variance(const qsim::Program& program, const Batch& batch);

// Final amplitudes: size × 2^n.
template <class T>
std::vector<std::complex<T>> states(const qsim::Program& program, const Batch& batch);

// |ψ_i|²: size × 2^n.
template <class T>
std::vector<double> probabilities(const qsim::Program& program, const Batch& batch);

// Basis states: size × shots.
template <class T>
std::vector<qsim::Index> sample(const qsim::Program& program, const Batch& batch,
                                std::int64_t shots, std::uint64_t seed);

struct Gradients {
  std::vector<double> values;  // size × n_observables
  std::vector<double> inputs;  // vjp: size × n_inputs;  jacobian: size × n_observables × n_inputs
  std::vector<double> weights;  // vjp: n_weights, summed over the batch unless weights are per
                                // sample; jacobian: size × n_observables × n_weights
};

// Σ_k cotangent[sample, k] ∂⟨O_k⟩/∂parameter by the adjoint method: one backward sweep a sample,
// whatever the number of observables. The same bits for any number of threads.
template <class T>
Gradients vjp(const qsim::Program& program, const Batch& batch, std::span<const double> cotangent);

// For one sample: writes the cotangent of its values. A training loss does that without a second
// forward run.
using CotangentOf = std::function<void(std::size_t sample, std::span<const double> values,
                                       std::span<double> cotangent)>;
template <class T>
Gradients vjp(const qsim::Program& program, const Batch& batch, const CotangentOf& cotangent_of);

enum class DiffMethod : unsigned char { kAdjoint, kParameterShift, kFiniteDifference };

// "adjoint", "parameter-shift" or "finite-diff"; ValueError listing them otherwise.
DiffMethod diff_method(std::string_view name);

struct JacobianOptions {
  DiffMethod method = DiffMethod::kAdjoint;
  std::optional<std::int64_t> shots;  // parameter shift and finite differences only
  std::uint64_t seed = 0;
  double step = 0.0;  // of finite differences; 0 chooses by precision
};

// ∂⟨O_k⟩/∂parameter. Throws ValueError where the method does not fit: adjoint with shots, parameter
// shift of amplitudes given as parameters.
template <class T>
Gradients jacobian(const qsim::Program& program, const Batch& batch,
                   const JacobianOptions& options = {});

}  // namespace qml
