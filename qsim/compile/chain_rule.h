#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "qsim/compile/program.h"

namespace qsim {

// Turns adjoints of the tape's entries into derivatives by parameters, which are then the first
// n_parameters of them. Throws ValueError, naming the parameter, where one does not come out
// finite.
void reverse_tape(const Program& program, std::span<const double> values,
                  std::span<double> adjoints);

// From derivatives by the normalised amplitudes that a program begins with, in their order, to
// those by the amplitudes as they are given: adds the latter to the adjoints of their tape entries.
void add_amplitude_gradient(const Program& program, std::span<const double> values,
                            std::span<const double> slopes, std::span<double> adjoints);

// From derivatives by slots (one for every gate with an angle) to derivatives by parameters, where
// the tape's entries have given values.
class ChainRule {
 public:
  ChainRule(const Program& program, std::span<const double> values)
      : program_(&program), values_(values) {}

  // Adds Σ_slot by_slot[slot] · ∂angle(slot)/∂parameter.
  void add(std::span<const double> by_slot, std::span<double> inputs, std::span<double> weights);

  // By slot: the parameters on which its angle depends, and ∂angle/∂parameter.
  using Slopes = std::vector<std::vector<std::pair<std::size_t, double>>>;
  Slopes slopes();

 private:
  const Program* program_;
  std::span<const double> values_;
  std::vector<double> adjoints_;
};

}  // namespace qsim
