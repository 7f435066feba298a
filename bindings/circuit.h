#pragma once

#include "bindings/common.h"

// The methods of Circuit are bound in several files.

namespace ketgrad {

using PyCircuit = py::class_<qsim::Circuit>;

void def_registers(PyCircuit& c);  // with the constructors
void def_classical(PyCircuit& c);
void def_drawing(PyCircuit& c);

}  // namespace ketgrad
