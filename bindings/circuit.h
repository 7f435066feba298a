#pragma once

#include "bindings/arguments.h"
#include "bindings/common.h"

// The methods of Circuit are bound in several files.

namespace ketgrad {

using PyCircuit = py::class_<qsim::Circuit>;

void def_registers(PyCircuit& c);  // with the constructors
void def_gates(PyCircuit& c);
void def_operations(PyCircuit& c, py::module_& m);  // with their class
void def_classical(PyCircuit& c);
void def_drawing(PyCircuit& c);

// ValueError for a register that the circuit lacks and for values that it never has.
qsim::Condition condition_on(const qsim::Circuit& circuit, const ConditionArg& arg);

}  // namespace ketgrad
