#pragma once

#include <cstddef>
#include <vector>

#include "qml/derivatives/shift/plan.h"
#include "qsim/compile/program.h"
#include "qsim/engines/blocks/shift_lanes.h"

namespace qml {

// Circuits that come out of the same runs: for the lanes of blocks, and what they are here.
struct ShiftJobs {
  std::vector<qsim::ShiftedCircuits> runs{};
  std::vector<std::vector<ShiftCircuit>> circuits{};  // of each entry, one a combination
};

// The jobs of slots in a given order, of at most `most_shifts` runs each. Where states cannot be
// interpolated, every circuit is a job of its own.
ShiftJobs shift_jobs(const qsim::Program& program, const ShiftPlan& plan,
                     const std::vector<int>& order, std::size_t most_shifts);

}  // namespace qml
