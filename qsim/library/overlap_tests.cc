#include "qsim/library/overlap_tests.h"

#include "qsim/core/error.h"
#include "qsim/library/parts.h"

namespace qsim {

Circuit hadamard_test(const Circuit& unitary, bool imaginary) {
  const int n = unitary.n_qubits();
  Circuit gates(n);
  gates.compose(gates_of(unitary, "hadamard_test: the circuit"), {}, {}, "U");
  Circuit out(n + 1);
  out.h(n);
  if (imaginary) out.sdg(n);
  return out.compose(gates.control(1)).h(n);
}

Circuit swap_test(WholeNumber n_qubits) {
  const int n = n_qubits;
  constexpr int kMost = (kMaxCircuitQubits - 1) / 2;
  require(n >= 1 && n <= kMost, "number of qubits ", n, " of a state is outside [1, ", kMost, "]");
  Circuit out(2 * n + 1);
  out.h(2 * n);
  for (int q = 0; q < n; ++q) out.cswap(2 * n, q, n + q);
  return out.h(2 * n);
}

}  // namespace qsim
