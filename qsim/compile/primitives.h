#pragma once

#include <span>
#include <string>
#include <vector>

#include "qsim/compile/program.h"

namespace qsim {

// A program of primitives as they are, whose parameters are weights. Matrices on two qubits or more
// need not be unitary: going forwards, a program takes them as they come.
Program compile(int n_qubits, std::span<const Primitive> primitives,
                std::vector<std::string> weights);

}  // namespace qsim
