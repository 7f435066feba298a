#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/circuit/parameter.h"
#include "qsim/core/observable.h"
#include "qsim/core/pauli.h"
#include "qsim/json/text.h"

// Circuits, expressions and observables as JSON. What is written reads back equal, to the last bit
// of every number. Readers take nothing on trust: whatever is wrong is a ValueError that says what
// and where. (Callers that touch a json value include <nlohmann/json.hpp> themselves.)
//
//   {"format": "ketgrad.circuit", "version": 1, "n_qubits": 2, "operations": [
//     {"gate": "rx", "angles": [{"parameter": "a"}], "targets": [1],
//      "controls": [{"qubit": 0, "value": true}]}]}
//
// A circuit may also have "qubit_registers" and "bit_registers", lists of {"name": "c", "size": 2};
// without them its qubits are one register "q", and it has no classical bits. An operation may also
// have "pauli", "matrix" (rows of [re, im]) and "label"; initialize has its amplitudes as "angles"
// or, where they are complex, as "amplitudes" (a list of [re, im]); a measurement has "bit" and may
// have "readout_error": {"one_for_zero": 0.01, "zero_for_one": 0.02}, a channel has "channel":
// {"name": "bit_flip", "parameters": [0.1], "kraus": [matrix, ..]}, whose infinite times are "inf".
// "condition" is a list of {"bits": [0, 1], "values": [true, false], "equal": true} that must all
// hold; "equal" is true where it is left out. An expression is a number, {"parameter": "a"},
// {"parameter": "w[0]", "vector_size": 3}, whose size may be left out, or {"op": "+", "args": [..]}
// with the names of op_row(). A circuit with boxes has "boxes", in the order in which they begin:
// {"label": "QFT", "first": 0, "count": 9, "qubits": [0, 1, 2]}, its operations first … first +
// count − 1.

namespace qsim {

nlohmann::json to_json(const Circuit& circuit);
Circuit circuit_from_json(const nlohmann::json& value);

nlohmann::json to_json(const Expression& expression);
Expression expression_from_json(const nlohmann::json& value);

// {"format": "ketgrad.pauli_sum", "version": 1, "n_qubits": 2,
//  "terms": [{"coefficient": 0.5, "pauli": "ZI"}]}, qubit 0 rightmost.
nlohmann::json to_json(const PauliSum& sum);
PauliSum pauli_sum_from_json(const nlohmann::json& value);

// {"format": "ketgrad.matrix_observable", "version": 1, "matrix": rows of [re, im], "qubits": [0]}
nlohmann::json to_json(const MatrixObservable& observable);
MatrixObservable matrix_observable_from_json(const nlohmann::json& value);

// Either, told apart by its format.
nlohmann::json to_json(const Observable& observable);
Observable observable_from_json(const nlohmann::json& value);

// What a program is compiled from, and compiled again from when it is read.
struct ProgramSource {
  Circuit circuit;
  std::vector<Observable> observables{};
  std::vector<std::string> inputs{};
  std::vector<std::string> weights{};  // all of them, in order
  bool single = false;                 // the precision it runs in
};

// {"format": "ketgrad.program", "version": 1, "circuit": {..}, "observables": [..],
//  "inputs": ["x[0]"], "weights": ["w[0]"], "precision": "double"}
nlohmann::json to_json(const ProgramSource& program);
ProgramSource program_from_json(const nlohmann::json& value);

// Their text, which holds no tree of all.
std::string to_json_text(const Circuit& circuit);
std::string to_json_text(const PauliSum& sum);
std::string to_json_text(const MatrixObservable& observable);
std::string to_json_text(const Observable& observable);
std::string to_json_text(const ProgramSource& program);
Circuit circuit_from_json_text(std::string_view text);

}  // namespace qsim
