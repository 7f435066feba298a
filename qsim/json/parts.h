#pragma once

#include "qsim/circuit/circuit.h"
#include "qsim/core/observable.h"
#include "qsim/json/reader.h"

// Readers of documents that are parts of larger ones.

namespace qsim::json {

Circuit read_circuit(const Json& value, const Place& root);
PauliSum read_pauli_sum(const Json& value, const Place& root);
MatrixObservable read_matrix_observable(const Json& value, const Place& root);
Observable read_observable(const Json& value, const Place& place);

}  // namespace qsim::json
