#pragma once

#include <cstddef>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/jacobian_rows.h"

namespace qml {

// Throws ValueError for a step, not 0, that is too small or too large for any program.
template <class T>
void check_step(double step);

// The Jacobian of one sample of a batch by central differences. Throws ValueError where parameters
// are too large for the step.
template <class T>
void difference_rows(const qsim::Program& program, const Batch& batch, std::size_t sample,
                     const JacobianOptions& options, const JacobianRows& out);

}  // namespace qml
