#pragma once

#include <limits>
#include <map>

#include "qsim/compile/bind.h"
#include "qsim/noise/density_matrix.h"
#include "qsim/noise/exact_legs.h"

namespace qsim {

// A density matrix for every value of those classical bits that something yet to come depends on,
// its trace the probability of these.
template <class T>
using ExactBranches = std::map<BitWords, DensityMatrix<T>>;

// Probabilities this small, relative to all that came before, are taken for rounding errors of
// zero.
template <class T>
constexpr double kNegligible = 4.0 * std::numeric_limits<T>::epsilon();

// What the schedule begins with.
template <class T>
ExactBranches<T> first_branches(const Schedule& schedule, const Binding<double>& binding);

// Whether a leg acts on a branch.
inline bool acts_on(const ExactLeg& leg, const BitWords& bits) {
  return !leg.condition || holds(*leg.condition, bits);
}

// The part of ρ for which a measurement records a value; its own adjoint, as it is real and
// diagonal.
template <class T>
void record(const ExactLeg& measurement, bool value, DensityMatrix<T>& rho);

// Parts every branch on which the measurement acts, but for parts that are at most `least` of it.
// MemoryError before there is no room for them.
template <class T>
void measure(const ExactLeg& measurement, ExactBranches<T>& branches,
             double least = kNegligible<T>);

// Joins branches that differ in bits only that no longer matter.
template <class T>
void keep_live(const BitWords& live, ExactBranches<T>& branches);
// The bits by which keep_live knows a branch.
BitWords live_part(BitWords bits, const BitWords& live);

}  // namespace qsim
