#pragma once

#include "qml/derivatives/differentiate.h"
#include "qsim/compile/program.h"

namespace qml {

// The Jacobian by parameter shift; `out` has its arrays already. Narrow programs run in blocks
// whose lanes are the shifted circuits of one sample, wide ones circuit by circuit.
template <class T>
void parameter_shift(const qsim::Program& program, const Batch& batch,
                     const JacobianOptions& options, Gradients& out);

}  // namespace qml
