#include "qsim/compile/qubit_order.h"

#include <numeric>
#include <utility>

namespace qsim {
namespace {

std::vector<int> in_order(int n_qubits) {
  std::vector<int> out(static_cast<std::size_t>(n_qubits));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

}  // namespace

QubitOrder::QubitOrder(int n_qubits, int n_local) : QubitOrder(in_order(n_qubits), n_local, 0) {}

QubitOrder::QubitOrder(std::vector<int> position, int n_local, Index flips)
    : position_(std::move(position)), qubit_(position_.size()), n_local_(n_local), flips_(flips) {
  for (Qubit q = 0; q < n_qubits(); ++q) place(q, position_[static_cast<std::size_t>(q)]);
}

void QubitOrder::place(Qubit q, int position) {
  position_[static_cast<std::size_t>(q)] = position;
  qubit_[static_cast<std::size_t>(position)] = q;
  local_ = position < n_local_ ? local_ | bit(q) : local_ & ~bit(q);
}

Index QubitOrder::positions_of(Index qubits) const {
  Index out = 0;
  for (; qubits != 0; qubits &= qubits - 1) out |= bit(position(std::countr_zero(qubits)));
  return out;
}

Index QubitOrder::qubits_of_number(Index number) const {
  Index out = 0;
  for (; number != 0; number &= number - 1) {
    out |= bit(qubit_at(n_local_ + std::countr_zero(number)));
  }
  return out;
}

void QubitOrder::relabel(Qubit a, Qubit b) {
  const int of_a = position(a);
  const int of_b = position(b);
  place(a, of_b);
  place(b, of_a);
}

void QubitOrder::exchange(const std::vector<QubitSwap>& swaps) {
  for (const QubitSwap& s : swaps) relabel(qubit_at(s.local), qubit_at(s.global));
}

}  // namespace qsim
