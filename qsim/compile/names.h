#pragma once

#include <string>
#include <vector>

namespace qsim {

// The inputs of a program over a circuit with these parameters, as they were asked for:
//   a parameter's name is that parameter;
//   "x", where there is no such parameter but x[0], x[1] …, is that vector up to its last element;
//   "x[k]" may be an element that the circuit does not use, where it uses another one of x, so that
//   data may have unused columns.
// Throws ValueError, naming the closest parameters, for any other name, and where no input occurs
// in the circuit.
std::vector<std::string> input_names(const std::vector<std::string>& parameters,
                                     const std::vector<std::string>& asked);

}  // namespace qsim
