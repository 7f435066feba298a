#pragma once

#include "qsim/compile/program.h"

namespace qsim {

// Below, programs run in stages, which have merges of their own.
inline constexpr int kLeastFusedQubits = 13;

// Joins runs of constant steps on up to three qubits to one step each, where that is cheaper in a
// tile.
void fuse_constants(Program& program);

}  // namespace qsim
