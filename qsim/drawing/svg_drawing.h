#pragma once

#include <string>

#include "qsim/circuit/circuit.h"

namespace qsim {

// The circuit as a standalone SVG file on a white background, qubit 0 at the top, folded into rows
// of at most 24 columns; `expand` levels of boxes are open, as in lay_out(). Styles are attributes
// of the elements, so that a picture inside a web page or notebook changes nothing around it.
std::string draw_svg(const Circuit& circuit, int expand = 0);

}  // namespace qsim
