#include "qsim/library/parts.h"

#include <bit>
#include <numeric>

#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace qsim {

Circuit gates_of(const Circuit& circuit, std::string_view what) {
  Circuit out(circuit.n_qubits());
  for (const Operation& op : circuit.operations()) {
    require(is_gate(*op.row) || op.row->kind == GateKind::kBarrier, what,
            " must consist of gates, but it has '", op.row->name, "'");
    require(!op.condition, what, " must consist of gates without conditions");
    out.add(op);
  }
  return out.set_boxes(circuit.boxes());
}

void require_controlled_operations(double count, double n_controls, std::string_view what) {
  require_operations(count, what);
  require_memory(count * n_controls * sizeof(Control), concat(what, "'s controls"));
}

void flip_sign(Circuit& circuit, int n_qubits, std::uint64_t index) {
  count_work(static_cast<std::size_t>(n_qubits));
  const auto value = [index](int q) { return q < 64 && ((index >> q) & 1U) != 0; };
  const int target = index == 0 ? 0 : std::countr_zero(index);
  std::vector<Control> controls;
  for (int q = 0; q < n_qubits; ++q) {
    if (q != target) controls.push_back({q, value(q)});
  }
  if (index == 0) circuit.x(target);
  circuit.gate("z", {}, {target}, std::move(controls));
  if (index == 0) circuit.x(target);
}

std::vector<Qubit> qubit_range(int first, int count) {
  std::vector<Qubit> out(static_cast<std::size_t>(count));
  std::iota(out.begin(), out.end(), first);
  return out;
}

std::vector<Qubit> ones_of(std::string_view bits, std::string_view what) {
  require(!bits.empty(), what, " has no bits");
  require(bits.size() < static_cast<std::size_t>(kMaxCircuitQubits), what, " has ", bits.size(),
          " bits, more than circuits of ", kMaxCircuitQubits, " qubits can hold");
  std::vector<Qubit> out;
  const int n = static_cast<int>(bits.size());
  for (int q = 0; q < n; ++q) {
    const char bit = bits[static_cast<std::size_t>(n - 1 - q)];
    require(bit == '0' || bit == '1', what, " '", bits, "' has characters other than 0 and 1");
    if (bit == '1') out.push_back(q);
  }
  return out;
}

}  // namespace qsim
