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

// What observables are made of: a string of a sum, or a matrix.
struct ConeSummand {
  std::size_t observable = 0;
  std::size_t term = 0;
};

// A part of a program, the light cone of some of its observables' Pauli strings.
struct LightCone {
  std::vector<Qubit> qubits{};       // ascending; qubit k of the part is qubits[k] of the whole
  std::vector<std::size_t> steps{};  // of those that the cones were made of
  // What is read from the part: observables[k], on the part's qubits, is a summand of observable
  // of[k] of the whole.
  std::vector<Observable> observables{};
  std::vector<std::size_t> of{};
  std::vector<std::size_t> units{};  // and which of those asked for these are
};

// Light cones that together have all of a program's expectation values.
struct LightCones {
  std::vector<Step> steps{};  // before constant ones were fused, which would widen the cones
  std::vector<LightCone> cones{};
  // Others, of which one has all of an observable, as variances need; none where those cost much.
  std::vector<LightCone> whole{};
};

// At most this part of what it costs to run a program as a whole is worthwhile.
inline constexpr double kWorthwhileCones = 0.5;

// The cones of a program whose steps have not been fused yet; none unless they are worthwhile.
// Strings share a cone where that is cheaper.
std::shared_ptr<const LightCones> light_cones(const Program& program,
                                              double worthwhile = kWorthwhileCones);

// Others of a program that has some: one has all of a unit, so that its strings can be measured
// together. None unless they are worthwhile.
std::vector<LightCone> light_cones(const Program& program,
                                   std::span<const std::vector<ConeSummand>> units,
                                   double worthwhile = kWorthwhileCones);

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
