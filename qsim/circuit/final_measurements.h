#pragma once

#include <vector>

#include "qsim/circuit/circuit.h"

namespace qsim {

// Which operations are measurements that nothing comes after, on their qubits and bits, or barriers
// that only such come after. All final measurements are as good as made at once, at the very end.
std::vector<bool> final_operations(const Circuit& circuit);

}  // namespace qsim
