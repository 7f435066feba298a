#pragma once

#include "qml/derivatives/differentiate.h"
#include "qsim/compile/program.h"

namespace qml {

// The Jacobian by parameter shift in every light cone by itself, of a program that has them for
// what is read; `out` has its arrays already. With shots, strings are measured on those shifted
// circuits alone that make a difference to them, and a budget is spread over these settings.
template <class T>
void shift_cones(const qsim::Program& program, const Batch& batch, const JacobianOptions& options,
                 Gradients& out);

}  // namespace qml
