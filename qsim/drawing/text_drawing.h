#pragma once

#include <string>

#include "qsim/circuit/circuit.h"

namespace qsim {

// The circuit in Unicode line drawing, qubit 0 at the top. Lines are folded into several blocks
// where they would be longer than `width` terminal columns (0: never; a single operation wider than
// that stays whole).
//
//        ┌───┐
//   q0: ─┤ H ├──●──
//        └───┘  │
//   q1: ────────⊕──
std::string draw_text(const Circuit& circuit, int width = 0);

}  // namespace qsim
