#pragma once

#include <memory>

#include "qsim/circuit/circuit.h"

// Circuits with one operation of every row of the gate table.

namespace samples {

// Where bit 1 of "c" is 0 and "d" is not 3.
std::shared_ptr<const qsim::Condition> condition();

// One operation of a row: distinct angles, as many targets as it takes, two controls.
qsim::Operation operation(const qsim::GateRow& row);

// What these act on.
qsim::Circuit wires();

qsim::Circuit every_gate();

// A Hermitian unitary matrix with entries that are not short decimals.
qsim::Matrix reflection(Eigen::Index size);

}  // namespace samples
