#pragma once

#include <vector>

#include "qsim/circuit/circuit.h"

namespace reference {

// Whether an operation acts where the classical bits have these values, by each comparison.
inline bool acts_where(const qsim::Operation& op, unsigned bits) {
  if (!op.condition) return true;
  for (const qsim::Comparison& comparison : *op.condition) {
    bool all = true;
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      const bool bit = ((bits >> static_cast<unsigned>(comparison.bits[k])) & 1U) != 0;
      all = all && bit == comparison.values[k];
    }
    if (all != comparison.equal) return false;
  }
  return true;
}

inline std::vector<qsim::Operation> acting(const qsim::Circuit& circuit, unsigned bits) {
  std::vector<qsim::Operation> out;
  for (const qsim::Operation& op : circuit.operations()) {
    if (acts_where(op, bits)) out.push_back(op);
  }
  return out;
}

}  // namespace reference
