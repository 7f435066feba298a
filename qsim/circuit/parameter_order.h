#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/parameter.h"

// In which order the values of parameters stand, wherever they are given as an array. The order is
// such that an array in the order of a vector is never permuted or cut.

namespace qsim {

// Names of the parameters, which are given in order of appearance: by first appearance, but those
// of a vector together and in its own order. A vector of known size stands as a whole, with the
// elements that do not appear.
std::vector<std::string> in_vector_order(std::span<const Parameter> appearing);

// How many elements of each vector of these parameters there are: its size where that is known,
// else as far as its elements appear.
std::map<std::string_view, int> vector_sizes(std::span<const Parameter> parameters);

// Throws ValueError: the circuit has no parameter, or other kind, of that name, the closest are …
[[noreturn]] void fail_unknown(std::string_view name, const std::vector<std::string>& parameters,
                               std::string_view kind = "parameter");

}  // namespace qsim
