#include "qsim/library/states.h"

namespace qsim {

Circuit ghz_state(WholeNumber n_qubits) {
  Circuit out(n_qubits);
  out.h(0);
  for (int q = 1; q < n_qubits; ++q) out.cx(q - 1, q);
  return out;
}

}  // namespace qsim
