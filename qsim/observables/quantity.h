#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "qsim/compile/program.h"
#include "qsim/core/random.h"
#include "qsim/state/state.h"

// What is read from a program's final state, as a row of real values.

namespace qsim {

enum class Quantity : unsigned char {
  kExpval,    // ⟨O_k⟩
  kVariance,  // ⟨O_k²⟩ − ⟨O_k⟩²
  kProbs,     // |ψ_i|², or of the program's measured qubits
  kState      // Re ψ_0, Im ψ_0, Re ψ_1, …
};

// "expval", "variance", "probs" or "state"; ValueError listing them otherwise.
Quantity quantity(std::string_view name);
std::string_view name_of(Quantity quantity);

// Values a sample: observables, 2^n (or 2^k for k measured qubits), or 2·2^n.
std::size_t n_values(const Program& program, Quantity quantity);

// What a run is for, which decides whether light cones have it (compile/light_cone.h).
enum class Reads : unsigned char {
  kStates,        // anything
  kExpectations,  // ⟨O_k⟩ alone, exact or from shots of one string at a time
  kVariances      // of the observables, alone
};
Reads reads_of(Quantity quantity);

// That a batch holds runs of one sample, which number `sample` is, numbered from `first_run`.
struct RunsOf {
  std::size_t sample = 0;
  std::size_t first_run = 0;
};

struct Sampling {
  std::optional<std::int64_t> shots{};  // none: exact
  std::uint64_t seed = 0;               // of the shots
  std::optional<RunsOf> runs_of{};      // none: every row of a batch is run 0 of a sample
};

// Throws ValueError where the program has no observables to take values of, for less than one shot,
// and for shots of a quantity that has no estimate from them.
void check(const Program& program, Quantity quantity, const Sampling& sampling);

// Random numbers of their own for every (sample, run). Run 0 is the program as it stands.
Random shot_stream(std::uint64_t seed, std::size_t sample, std::size_t run);

// Writes the values of the final state of one of a batch's samples: with shots means for expval,
// frequencies for probs.
template <class T>
void read_values(const Program& program, const State<T>& ket, Quantity quantity,
                 const Sampling& sampling, std::size_t sample, std::span<double> out);

// The bra of a state, so that 2 Re⟨bra|∂ψ⟩ is the derivative of Σ_k cotangent[k] · value_k. That of
// kState is the complex g of Re Σ_i conj(g_i) ∂ψ_i, each g_i as its real and its imaginary part.
template <class T>
void fill_bra(const Program& program, Quantity quantity, std::span<const double> cotangent,
              const State<T>& ket, State<T>& bra);

}  // namespace qsim
