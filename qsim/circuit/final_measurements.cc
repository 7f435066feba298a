#include "qsim/circuit/final_measurements.h"

#include <algorithm>

#include "qsim/circuit/check_operation.h"
#include "qsim/core/count_work.h"

namespace qsim {

std::vector<bool> final_operations(const Circuit& circuit) {
  std::vector<bool> qubit_is_used(static_cast<std::size_t>(circuit.n_qubits()), false);
  std::vector<bool> bit_is_used(static_cast<std::size_t>(circuit.n_bits()), false);
  std::vector<bool> out(circuit.size(), false);
  for (std::size_t k = circuit.size(); k-- > 0;) {
    const Operation& op = circuit.operations()[k];
    count_work(work_of(op));
    const auto used = [&](Qubit q) { return qubit_is_used[static_cast<std::size_t>(q)]; };
    const bool last = !op.condition && std::ranges::none_of(op.targets, used);
    out[k] =
        last &&
        (op.row->kind == GateKind::kBarrier ||
         (op.row->kind == GateKind::kMeasure && !bit_is_used[static_cast<std::size_t>(op.bit)]));
    if (out[k]) continue;
    for (const Qubit q : op.targets) qubit_is_used[static_cast<std::size_t>(q)] = true;
    for (const Control& control : op.controls) {
      qubit_is_used[static_cast<std::size_t>(control.qubit)] = true;
    }
    for (const int b : bits_of(op)) bit_is_used[static_cast<std::size_t>(b)] = true;
  }
  return out;
}

}  // namespace qsim
