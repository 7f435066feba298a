#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "qsim/circuit/operation.h"

namespace qsim {

// Of checking or copying an operation, in units of count_work(); some have 10^5 qubits.
inline std::size_t work_of(const Operation& op) {
  constexpr std::size_t kWork = 4;
  std::size_t out = kWork + op.targets.size() + op.controls.size() + op.angles.size();
  if (!op.condition) return out;
  for (const Comparison& comparison : *op.condition) out += comparison.bits.size();
  return out;
}

// Targets, then controls.
std::vector<Qubit> all_qubits(const Operation& op);

// Throws ValueError or IndexError for what no circuit of so many qubits and bits may have; `first`
// is whether nothing stands before it.
void check_operation(const Operation& op, int n_qubits, int n_bits, bool first);

void require_distinct_bits(std::span<const int> bits, std::string_view where);  // ValueError

}  // namespace qsim
