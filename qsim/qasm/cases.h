#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "qsim/circuit/operation.h"

// Where something holds, as cases of values of classical bits.

namespace qsim::qasm {

inline constexpr std::size_t kMostCases = 256;   // a body is read, and runs, once for each
inline constexpr std::size_t kMostPairs = 1024;  // of cases that are joined with each other

// Cases that exclude each other (one without comparisons: always), or nothing where there are more
// than kMostCases.
using Cases = std::optional<std::vector<Condition>>;

Cases never();
Cases always();
Cases one_case(Comparison comparison);

// False where some of the comparisons exclude each other.
bool is_possible(const Condition& condition);
// Of a bit of a comparison of which each must have a value: which.
bool value_at(const Comparison& comparison, std::size_t k);

// The same, with one comparison for all bits that must have some value: of one that is_possible().
Condition compact(const Condition& condition);
// What the cases say beyond what is known; those that it leaves no chance are left out.
std::vector<Condition> beyond(const Condition& known, const std::vector<Condition>& cases);

// Where both hold.
Cases joined(const Cases& a, const Cases& b);
// Of cases that exclude each other.
Cases united(Cases a, Cases b);
// Without what follows from the rest, and without cases that cannot be.
Cases tidied(const Cases& cases);
// Where a single case of bits with values fails, as one comparison; else as it is.
Cases failing(const Cases& holds, const Cases& fails);

std::size_t n_comparisons(const std::vector<Condition>& cases);
// How many comparisons this thread has looked at so far: what finding cases takes time for.
std::size_t comparisons_looked_at();

}  // namespace qsim::qasm
