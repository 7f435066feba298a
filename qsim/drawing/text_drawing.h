#pragma once

#include <string>

#include "qsim/circuit/circuit.h"

namespace qsim {

// The circuit in Unicode line drawing, qubit 0 at the top. Lines are folded into several blocks
// where they would be longer than `width` terminal columns (0: never; a single operation wider than
// that stays whole). `expand` levels of boxes are open, as in lay_out().
//
//        ┌───┐
//   q0: ─┤ H ├──●──
//        └───┘  │
//   q1: ────────⊕──
std::string draw_text(const Circuit& circuit, int width = 0, int expand = 0);

}  // namespace qsim
