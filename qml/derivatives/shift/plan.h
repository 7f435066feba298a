#pragma once

#include <cstddef>
#include <vector>

#include "qml/derivatives/shift/rule.h"
#include "qsim/compile/program.h"

namespace qml {

// The circuits that parameter shift measures, numbered slot by slot in the order of their rules.
struct ShiftPlan {
  // Throws ValueError where an exact rule does not exist or is out of reach.
  explicit ShiftPlan(const qsim::Program& program);

  std::vector<std::vector<ShiftTerm>> rules;  // by slot
  std::vector<std::size_t> first;             // by slot: the number of its first circuit
  std::size_t n_circuits = 0;
};

// One of a slot's circuits: how its values enter the derivative, and its number.
struct ShiftCircuit {
  int slot = 0;
  double coefficient = 0.0;
  std::size_t number = 0;
};

}  // namespace qml
