#pragma once

#include <complex>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "qml/gradients/batch.h"
#include "qml/gradients/workspace.h"
#include "qsim/compile/program.h"
#include "qsim/core/random.h"

// Runs a program over a batch. Results are row by row: size × n_observables and so on. T is the
// precision of the states.

namespace qml {

// What is read from a program's final state, as a row of real values.
enum class Quantity : unsigned char {
  kExpval,    // ⟨O_k⟩
  kVariance,  // ⟨O_k²⟩ − ⟨O_k⟩²
  kProbs,     // |ψ_i|²
  kState      // Re ψ_0, Im ψ_0, Re ψ_1, …
};

// "expval", "variance", "probs" or "state"; ValueError listing them otherwise.
Quantity quantity(std::string_view name);
std::string_view name_of(Quantity quantity);

// Values a sample: observables, 2^n, or 2·2^n.
std::size_t n_values(const qsim::Program& program, Quantity quantity);

struct Sampling {
  std::optional<std::int64_t> shots{};  // none: exact
  std::uint64_t seed = 0;               // of the shots
};

// Throws ValueError where the program has no observables to take values of, for less than one shot,
// and for shots of a quantity that has no estimate from them.
void check(const qsim::Program& program, Quantity quantity, const Sampling& sampling);

// Random numbers of their own for every (sample, run). Run 0 is the program as it stands.
qsim::Random shot_stream(std::uint64_t seed, std::size_t sample, std::size_t run);

// Writes the values of a final state. Every (sample, run) draws its shots from a stream of its own.
template <class T>
void read_values(const qsim::Program& program, const qsim::State<T>& ket, Quantity quantity,
                 const Sampling& sampling, std::size_t sample, std::size_t run,
                 std::span<double> out);

// Runs the bound program and writes the values of one sample. Every (sample, run) draws its shots
// from a stream of its own; run 0 is the program as it stands.
template <class T>
void evaluate(Workspace<T>& workspace, Quantity quantity, const Sampling& sampling,
              std::size_t sample, std::size_t run, std::span<double> out);

// The values of every sample: size × n_values. With shots: means for expval, frequencies for probs.
template <class T>
std::vector<double> evaluate(const qsim::Program& program, const Batch& batch, Quantity quantity,
                             const Sampling& sampling = {});

// ⟨O_k⟩: size × n_observables.
template <class T>
std::vector<double> expval(const qsim::Program& program, const Batch& batch,
                           const Sampling& sampling = {}) {
  return evaluate<T>(program, batch, Quantity::kExpval, sampling);
}

// ⟨O_k²⟩ − ⟨O_k⟩²: size × n_observables.
template <class T>
std::vector<double> variance(const qsim::Program& program, const Batch& batch) {
  return evaluate<T>(program, batch, Quantity::kVariance);
}

// |ψ_i|²: size × 2^n.
template <class T>
std::vector<double> probabilities(const qsim::Program& program, const Batch& batch,
                                  const Sampling& sampling = {}) {
  return evaluate<T>(program, batch, Quantity::kProbs, sampling);
}

// Final amplitudes, in the precision of the states: size × 2^n.
template <class T>
std::vector<std::complex<T>> states(const qsim::Program& program, const Batch& batch);

// Basis states: size × shots.
template <class T>
std::vector<qsim::Index> sample(const qsim::Program& program, const Batch& batch,
                                std::int64_t shots, std::uint64_t seed);

}  // namespace qml
