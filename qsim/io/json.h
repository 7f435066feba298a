#pragma once

#include <exception>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "qsim/circuit/circuit.h"
#include "qsim/circuit/parameter.h"
#include "qsim/core/pauli.h"

// Circuits, expressions and observables as JSON. What is written reads back equal, to the last bit
// of every number. Readers take nothing on trust: whatever is wrong is a ValueError that says what
// and where. (Callers that touch a json value include <nlohmann/json.hpp> themselves.)
//
//   {"format": "ketgrad.circuit", "version": 1, "n_qubits": 2, "operations": [
//     {"gate": "rx", "angles": [{"parameter": "w[0]"}], "targets": [1],
//      "controls": [{"qubit": 0, "value": true}]}]}
//
// An operation may also have "pauli", "matrix" (rows of [re, im]) and "label". An expression is a
// number, {"parameter": "w[0]"} or {"op": "+", "args": [..]} with the names of op_row().

namespace qsim {

nlohmann::json to_json(const Circuit& circuit);
Circuit circuit_from_json(const nlohmann::json& value);

nlohmann::json to_json(const Expression& expression);
Expression expression_from_json(const nlohmann::json& value);

// {"format": "ketgrad.pauli_sum", "version": 1, "n_qubits": 2,
//  "terms": [{"coefficient": 0.5, "pauli": "ZI"}]}, qubit 0 rightmost.
nlohmann::json to_json(const PauliSum& sum);
PauliSum pauli_sum_from_json(const nlohmann::json& value);

std::string to_json_text(const Circuit& circuit);
// What an exception of the JSON library says, without its name and number.
std::string_view reason(const std::exception& error);

// Refuses text that is nested deeper than any circuit before it can exhaust the stack.
Circuit circuit_from_json_text(std::string_view text);

}  // namespace qsim
