#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "qsim/compile/program.h"

// What can be seen of a program's end by looking at some of its qubits: the gates that can make a
// difference there and the qubits that these act on, the light cone. Gates that what is seen
// commutes with, as a cz does before Z is measured, make none.

namespace qsim {

// A part of a program, the light cone of some of its observables' Pauli strings.
struct LightCone {
  std::vector<Qubit> qubits{};       // ascending; qubit k of the part is qubits[k] of the whole
  std::vector<std::size_t> steps{};  // of those that the cones were made of
  // What is read from the part: observables[k], on the part's qubits, is a summand of observable
  // of[k] of the whole.
  std::vector<Observable> observables{};
  std::vector<std::size_t> of{};
};

// Light cones that together have all of a program's expectation values.
struct LightCones {
  std::vector<Step> steps{};  // before constant ones were fused, which would widen the cones
  std::vector<LightCone> cones{};
};

// The cones of a program whose steps have not been fused yet; none unless they cost at most a part
// (`worthwhile`) of what it costs to run the program as a whole. Strings share a cone where that is
// cheaper.
std::shared_ptr<const LightCones> light_cones(const Program& program, double worthwhile = 0.5);

// A cone as a program. It has all the parameters of the whole and runs on the same batches.
Program part_of(const Program& whole, const LightCones& of, const LightCone& cone);

// A program whose probabilities are those of measuring some qubits, bit k of an outcome being that
// of qubits[k]: their light cone, or the whole where that is to begin with given states, or has an
// engine of its own. ValueError for repeated qubits and for none.
Program marginal(const Program& whole, std::span<const Qubit> qubits, Start start);

// The qubits that can make a difference to what is measured on some qubits, whatever state the
// program begins with, ascending. ValueError for repeated qubits.
std::vector<Qubit> light_cone(const Program& program, std::span<const Qubit> qubits);

}  // namespace qsim
