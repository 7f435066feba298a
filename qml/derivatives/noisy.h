#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qsim/core/observable.h"
#include "qsim/noise/schedule.h"

// Expectation values of circuits with noise, measurements and conditions, and their derivatives, by
// the adjoint method or by parameter shift: an expectation value under noise is a Fourier series in
// each gate's angle as it is without, with the same frequencies (Schuld et al. 2019,
// arXiv:1811.11184).

namespace qml {

struct NoisyProgram {
  // ValueError for observables over more qubits than the circuit has, for none, and for inputs that
  // it lacks.
  NoisyProgram(const qsim::Circuit& circuit, std::vector<qsim::Observable> measured,
               const std::vector<std::string>& inputs = {}, const qsim::AskedNames& weights = {});

  qsim::Schedule schedule;
  std::vector<qsim::Observable> observables;
};

// None: density matrices, exact. A number: that many trajectories for every value, drawn from the
// seed.
struct NoisySampling {
  std::optional<std::int64_t> trajectories{};
  std::uint64_t seed = 0;
};

// How exact derivatives are found.
enum class NoisyMethod : unsigned char {
  kAuto,   // by a sweep where its memory suffices
  kSweep,  // one run forwards and one back (noisy_sweep.h)
  kShift   // two runs or more for every angle, as trajectories always have it
};

struct NoisyValues {
  std::vector<double> values{};
  std::vector<double> errors{};  // standard errors; all zero where exact
};

// ⟨O_k⟩ for the parameters' values, inputs first; of a batch one sample after the other.
template <class T = double>
NoisyValues noisy_expval(const NoisyProgram& program, std::span<const double> parameters,
                         const NoisySampling& sampling = {}, std::size_t batch = 1);

// The probabilities of basis states, or of the outcomes of measuring some qubits, bit k of an
// outcome being that of qubits[k]: exact, 2^n or 2^k for every sample. ValueError for repeated
// qubits.
template <class T = double>
std::vector<double> noisy_probs(const NoisyProgram& program, std::span<const double> parameters,
                                std::span<const qsim::Qubit> qubits = {}, std::size_t batch = 1);

// ∂⟨O_k⟩/∂parameter: n_observables × n_parameters, row by row, for every sample. By shifts, every
// shifted circuit has trajectories of its own. ValueError for kSweep with trajectories and, by
// shifts, for amplitudes given as parameters; MemoryError for kSweep where it does not fit.
template <class T = double>
NoisyValues noisy_jacobian(const NoisyProgram& program, std::span<const double> parameters,
                           const NoisySampling& sampling = {}, std::size_t batch = 1,
                           NoisyMethod method = NoisyMethod::kAuto);

// Σ_k cotangent_k ∂⟨O_k⟩/∂parameter, exact, by one sweep a sample: n_parameters for every sample.
// cotangents: n_observables for every sample.
template <class T = double>
std::vector<double> noisy_vjp(const NoisyProgram& program, std::span<const double> parameters,
                              std::span<const double> cotangents, std::size_t batch = 1);

}  // namespace qml
