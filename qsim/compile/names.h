#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qsim/circuit/parameter.h"

namespace qsim {

// The names of parameters as they were asked for; nothing: none were.
using AskedNames = std::optional<std::vector<std::string>>;

// The inputs of a program over a circuit that uses these parameters, as they were asked for:
//   a parameter's name is that parameter;
//   "x", where there is no such parameter but x[0], x[1] …, is that vector: all of it where its
//   size is known, else up to the last element that occurs; "x[k]" may be an element that the
//   circuit does not use, where it uses another one of x, so that data may have unused columns.
// Throws ValueError, naming the closest parameters, for any other name, and where no input occurs
// in the circuit.
std::vector<std::string> input_names(std::span<const Parameter> used,
                                     const std::vector<std::string>& asked);

// Its weights: all that it uses and that are no inputs, in the order of in_vector_order(), with
// whole vectors; or those asked for, in that order, where "w" may stand for a vector as above, and
// what the circuit does not use has no influence. Throws ValueError for a weight that is asked for
// twice or is an input, and for a parameter that is neither.
std::vector<std::string> weight_names(std::span<const Parameter> used,
                                      const std::vector<std::string>& inputs,
                                      const AskedNames& asked);

}  // namespace qsim
