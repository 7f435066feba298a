#pragma once

#include <string_view>

#include "qsim/qasm/term.h"

// Real numbers that depend on measured bits, as sums over bits.

namespace qsim::qasm {

// What the number is the sum of, also of one that is known or whole.
Parts parts_of(const Term& term);
// A number where none of the bits is measured.
Term sum_term(Parts parts, const Type& type = {});
Term negated(const Term& term);
// '+', '-', '*' and, by what is known, '/'. Undecided for others.
Term apply_to_parts(std::string_view symbol, const Term& left, const Term& right);

}  // namespace qsim::qasm
