#pragma once

#include "bindings/common.h"
#include "qsim/circuit/circuit.h"

namespace ketgrad {

void def_drawing(py::class_<qsim::Circuit>& c);

}  // namespace ketgrad
