#pragma once

#include <cstddef>
#include <vector>

#include "qml/gradients/shift_rule.h"
#include "qsim/compile/program.h"
#include "qsim/core/types.h"

namespace qml {

// The circuits that parameter shift measures, numbered slot by slot in the order of their rules.
struct ShiftPlan {
  // Throws ValueError where an exact rule does not exist or is out of reach.
  explicit ShiftPlan(const qsim::Program& program);

  std::vector<std::vector<ShiftTerm>> rules;  // by slot
  std::vector<std::size_t> first;             // by slot: the number of its first circuit
  std::size_t n_circuits = 0;
};

// Circuits of one slot that come out of the same runs: the final state of each is a combination of
// that of the unshifted circuit and those with the slot's angle shifted by `shifts`.
struct ShiftJob {
  struct Circuit {
    double coefficient = 0.0;
    std::size_t number = 0;
    std::vector<qsim::Complex> weights;  // of the unshifted state and of the others
  };
  int slot = 0;
  std::vector<double> shifts{};
  std::vector<Circuit> circuits{};
};

// The jobs of slots in a given order, of at most `most_shifts` runs each. Where states cannot be
// interpolated, every circuit is a job of its own.
std::vector<ShiftJob> shift_jobs(const qsim::Program& program, const ShiftPlan& plan,
                                 const std::vector<int>& order, std::size_t most_shifts);

}  // namespace qml
