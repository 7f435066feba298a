#pragma once

#include <string>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "tests/dense_reference.h"

// Circuits with boxes in boxes.

namespace reference {

inline qsim::Circuit without_boxes(qsim::Circuit circuit) {
  circuit.set_boxes({});
  return circuit;
}

// Gates that OpenQASM 3 can hold, some in boxes, which may be inverted, repeated or controlled.
inline qsim::Circuit boxed_circuit(int n_qubits, int depth, Dice& dice) {
  const std::vector<std::string> names{"h", "t", "rx", "u", "swap", "rzz", "iswap", "sx", "y"};
  const std::vector<std::string> labels{"part", "layer", "Mix"};
  qsim::Circuit out(n_qubits);
  const int n_parts = 1 + dice.below(4);
  for (int k = 0; k < n_parts; ++k) {
    if (depth == 0 || dice.below(3) == 0) {
      const auto& row = qsim::gate_row(names[static_cast<std::size_t>(dice.below(9))]);
      const bool fits = row.targets <= n_qubits;
      const auto& used = fits ? row : qsim::gate_row("h");
      qsim::Operation op = random_operation(used, n_qubits, 1, dice);
      if (!op.angles.empty() && dice.coin()) op.angles[0] = 0.5 * qsim::Parameter("a");
      out.add(std::move(op));
      continue;
    }
    qsim::Circuit part = boxed_circuit(1 + dice.below(n_qubits), depth - 1, dice);
    const int change = dice.below(4);
    if (change == 0) part = part.inverse();
    if (change == 1) part = part.repeat(2);
    if (change == 2 && part.n_qubits() < n_qubits) {
      const bool value = dice.coin();
      part = part.control(std::span(&value, 1));
    }
    const std::string label = labels[static_cast<std::size_t>(dice.below(3))];
    out.compose(part, dice.qubits(part.n_qubits(), n_qubits), {}, dice.below(4) > 0 ? label : "");
  }
  return out;
}

}  // namespace reference
