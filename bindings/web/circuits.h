#pragma once

#include "bindings/web/answers.h"

// A circuit that a page has as text, OpenQASM or our JSON; {"text": …} in every request, with
// {"values": {"theta": 0.5, …}} for its parameters where they matter.

namespace web {

// {"n_qubits", "n_bits", "n_operations", "depth", "parameters": [names], "is_unitary": whether it
//  has one state before its final measurements, "svg", "json"}
Json read_circuit(const Json& request);

// state_of() before the final measurements; ValueError for a circuit that has no one state.
Json circuit_state(const Json& request);

// {"counts": {"01": 12, …}}: request has "shots" and "seed", and says what run_shots does.
Json circuit_counts(const Json& request);

// {"value", "gradient": [by the circuit's parameters in their order]} of the request's
// "observable", as text: "ZZ", "0.5*Z0 - X1".
Json circuit_gradient(const Json& request);

}  // namespace web
