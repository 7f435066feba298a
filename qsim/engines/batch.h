#pragma once

#include <complex>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/compile/program.h"
#include "qsim/core/error.h"

namespace qsim {

// A view of numbers that are kept elsewhere; of a list in braces for the call that it stands in.
struct Numbers : std::span<const double> {
  using span::span;
  Numbers(std::span<const double> numbers)  // NOLINT(google-explicit-constructor)
      : span(numbers) {}
  Numbers(std::initializer_list<double> numbers) : span(std::data(numbers), numbers.size()) {}
};

// Parameter values for several runs of a program: inputs are size × n_inputs, row by row; weights
// are one row for all runs, or one per run. Initial states, for a program without an initialize of
// its own, are none for |0…0⟩, or 2^n amplitudes for all runs, or as many for each.
//
//   qml::expval<double>(program, {.weights = {0.1, 0.2}});
struct Batch {
  std::size_t size = 1;
  Numbers inputs{};
  Numbers weights{};
  bool weights_per_sample = false;
  std::span<const std::complex<double>> initial_states{};
  // Where samples repeat the rows that a caller gave: how many those are, for messages.
  std::size_t rows = 0;

  // Those of some samples.
  [[nodiscard]] std::span<const double> inputs_of(const Program& program, std::size_t first,
                                                  std::size_t count = 1) const {
    return inputs.subspan(first * program.inputs.size(), count * program.inputs.size());
  }
  // Those of some samples, or the one row for all.
  [[nodiscard]] std::span<const double> weights_of(const Program& program, std::size_t first,
                                                   std::size_t count = 1) const {
    if (!weights_per_sample) return weights;
    return weights.subspan(first * program.weights.size(), count * program.weights.size());
  }
  // Those of some samples, or the one for all.
  [[nodiscard]] std::span<const std::complex<double>> initial_of(const Program& program,
                                                                 std::size_t first,
                                                                 std::size_t count) const;
};

// Throws ValueError, naming both, where the numbers of values do not fit the program, and for
// values that are not finite and initial states that are not normalised within 1e-6.
void check(const Program& program, const Batch& batch);
// The part of it that finds, before anything runs, samples whose amplitudes to initialize with are
// all zero, where these are parameters themselves.
void check_amplitudes(const Program& program, const Batch& batch);
// Throws ValueError, naming the first such sample, where an expression has no finite value or the
// amplitudes to initialize with are all zero. This takes an evaluation of all expressions.
void check_expressions(const Program& program, const Batch& batch);
// The same where an expression has no finite derivative.
void check_slopes(const Program& program, const Batch& batch);
// Throws, in place of an error, the same with the sample's number, where one of these checks finds
// it.
void name_sample(const Program& program, const Batch& batch, const ValueError& error);
// " in sample 3", the number being that of a caller's row; nothing where there is one row only.
std::string sample_text(const Batch& batch, std::size_t sample);

// What body() returns, which runs the batch: where it throws ValueError, name_sample() has its say
// first, as runs do not know the samples' numbers.
template <class Body>
decltype(auto) naming_samples(const Program& program, const Batch& batch, const Body& body) {
  try {
    return body();
  } catch (const ValueError& error) {
    name_sample(program, batch, error);
    throw;
  }
}

// The same of a body that runs one sample of the batch by other numbers, as at its neighbours.
template <class Body>
decltype(auto) naming_sample(const Program& program, const Batch& batch, std::size_t sample,
                             const Body& body) {
  try {
    return body();
  } catch (const ValueError& error) {
    name_sample(program, batch, error);
    fail(error.what(), sample_text(batch, sample));
  }
}

// Throws ValueError where there are initial states, which `what` does not take.
void check_no_initial_states(const Batch& batch, std::string_view what);

}  // namespace qsim
