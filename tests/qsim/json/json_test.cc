#include "qsim/json/json.h"

#include <cmath>
#include <complex>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/samples.h"

namespace {

using nlohmann::json;
using qsim::Circuit;
using qsim::Expression;
using qsim::Operation;
using qsim::Parameter;
using qsim::ParameterVector;
using qsim::PauliSum;
using qsim::ValueError;
using reference::contains;

json bell_json() { return to_json(Circuit(2).h(0).cx(0, 1)); }

// The message of the ValueError that reading throws. Any other exception fails the test.
template <class Read>
std::string refusal(const json& value, const Read& read) {
  return reference::error_of<ValueError>([&] { (void)read(value); });
}

std::string refusal(const json& value) { return refusal(value, qsim::circuit_from_json); }

}  // namespace

TEST_CASE("JSON round trip of every gate", "[json]") {
  for (const qsim::GateRow& row : qsim::gate_table()) {
    INFO("gate " << std::string(row.name));
    const Circuit circuit = samples::wires().add(samples::operation(row));
    CHECK(qsim::circuit_from_json(to_json(circuit)) == circuit);
    if (row.kind == qsim::GateKind::kInitialize) continue;
    Operation conditioned = samples::operation(row);
    conditioned.condition = samples::condition();
    const Circuit other = samples::wires().add(conditioned);
    CHECK(other != circuit);
    CHECK(qsim::circuit_from_json(to_json(other)) == other);
  }
  const Circuit circuit = samples::every_gate();
  CHECK(qsim::circuit_from_json(to_json(circuit)) == circuit);
  CHECK(qsim::circuit_from_json_text(to_json_text(circuit)) == circuit);
  constexpr int kMost = qsim::kMaxCircuitQubits;
  CHECK(qsim::circuit_from_json_text(to_json_text(Circuit(kMost))) == Circuit(kMost));
}

TEST_CASE("JSON round trip of registers", "[json]") {
  for (const Circuit& circuit :
       {Circuit(3), Circuit(3, 2), Circuit({{"a", 1}, {"b", 2}}), Circuit({{"q", 1}, {"r", 2}}),
        Circuit({{"a", 3}}), Circuit({{"q", 3}}, {{"m", 1}, {"c", 2}})}) {
    CHECK(qsim::circuit_from_json(to_json(circuit)) == circuit);
  }
  CHECK_FALSE(to_json(Circuit(3)).contains("qubit_registers"));
  CHECK_FALSE(to_json(Circuit(3)).contains("bit_registers"));
}

TEST_CASE("JSON of a circuit is as documented", "[json]") {
  const Circuit circuit = Circuit(2).crx(Parameter("w[0]"), 0, 1);
  CHECK(to_json(circuit) == json::parse(R"({
    "format": "ketgrad.circuit", "version": 1, "n_qubits": 2, "operations": [
      {"gate": "rx", "angles": [{"parameter": "w[0]"}], "targets": [1],
       "controls": [{"qubit": 0, "value": true}]}]})"));

  Circuit measured({{"a", 1}, {"b", 1}}, {{"c", 2}});
  measured.measure(0, 1).when({measured.equals("c", 2)}, Circuit(2).x(1));
  CHECK(to_json(measured) == json::parse(R"({
    "format": "ketgrad.circuit", "version": 1, "n_qubits": 2,
    "qubit_registers": [{"name": "a", "size": 1}, {"name": "b", "size": 1}],
    "bit_registers": [{"name": "c", "size": 2}], "operations": [
      {"gate": "measure", "targets": [0], "bit": 1},
      {"gate": "x", "targets": [1],
       "condition": [{"bits": [0, 1], "values": [false, true]}]}]})"));
}

TEST_CASE("JSON keeps doubles to the last bit", "[json]") {
  for (const double angle :
       {0.1, 1.0 / 3.0, std::numbers::pi, -5e-324, std::numeric_limits<double>::max(),
        std::nextafter(1.0, 2.0), 1e22, -0.0, 123456789.0}) {
    const Circuit back = qsim::circuit_from_json_text(to_json_text(Circuit(1).rx(angle, 0)));
    const double read = back.operations()[0].angles[0].node().value;
    CHECK(read == angle);
    CHECK(std::signbit(read) == std::signbit(angle));
  }
}

TEST_CASE("JSON round trip of expressions", "[json]") {
  const ParameterVector w("w", 3);
  const Expression a = w[0];
  const Expression b = w[1];
  const std::vector<Expression> samples{a + b,  a - b,  a * 0.1, 2.0 / a, pow(a, b), -a, sin(a),
                                        cos(a), tan(a), exp(a),  log(a),  sqrt(a),   1.5};
  for (const Expression& e : samples) CHECK(qsim::expression_from_json(to_json(e)) == e);
  CHECK(to_json(a + 2.0) ==
        json::parse(R"({"op": "+", "args": [{"parameter": "w[0]", "vector_size": 3}, 2.0]})"));

  Expression deep = w[2];
  while (deep.node().depth < 1000) deep = sin(deep);
  CHECK(qsim::expression_from_json(to_json(deep)) == deep);
  const Circuit circuit = Circuit(1).rx(deep, 0);
  CHECK(qsim::circuit_from_json_text(to_json_text(circuit)) == circuit);
  CHECK(to_json_text(samples::every_gate()) == to_json(samples::every_gate()).dump());
}

TEST_CASE("JSON round trip of Pauli sums", "[json]") {
  for (const char* text : {"0.1*Z0 Z2 - X1 + 1.25", "XYZI", "0 * X0"}) {
    const PauliSum sum = PauliSum::parse(text);
    const PauliSum back = qsim::pauli_sum_from_json(to_json(sum));
    CHECK(back.n_qubits() == sum.n_qubits());
    CHECK(to_json(back) == to_json(sum));
  }
  CHECK(qsim::pauli_sum_from_json(to_json(PauliSum())).n_qubits() == 0);
  const json good = to_json(PauliSum::parse("ZX"));
  json bad = good;
  bad["terms"][0]["pauli"] = "ZXX";
  CHECK_THROWS_AS(qsim::pauli_sum_from_json(bad), ValueError);
  bad["terms"][0]["pauli"] = "QX";
  CHECK_THROWS_AS(qsim::pauli_sum_from_json(bad), ValueError);
  bad = good;
  bad["n_qubits"] = -2;
  CHECK_THROWS_AS(qsim::pauli_sum_from_json(bad), ValueError);
  CHECK_THROWS_AS(qsim::pauli_sum_from_json(bell_json()), ValueError);
}

TEST_CASE("JSON round trip of observables and programs", "[json]") {
  const qsim::Observable sum = PauliSum::parse("0.1*Z0 - X1");
  const qsim::Observable matrix = qsim::MatrixObservable(samples::reflection(4), {1, 0});
  CHECK(qsim::observable_from_json(to_json(sum)) == sum);
  CHECK(qsim::observable_from_json(to_json(matrix)) == matrix);
  const Circuit circuit = Circuit(2).rx(Parameter("w"), 0).ry(Parameter("x"), 1);
  const qsim::ProgramSource program{circuit, {sum, matrix}, {"x"}, {"w"}, true};
  const json written = to_json(program);
  const qsim::ProgramSource back =
      qsim::program_from_json(qsim::parse_json(qsim::json_text(written)));
  CHECK(back.circuit == circuit);
  CHECK(back.observables == program.observables);
  CHECK(back.inputs == program.inputs);
  CHECK(back.weights == program.weights);
  CHECK(back.single);
  CHECK(to_json_text(program) == written.dump());
  CHECK(to_json_text(sum) == to_json(sum).dump());
  CHECK(to_json_text(matrix) == to_json(matrix).dump());

  const std::vector<std::array<const char*, 3>> wrongs{
      {"/format", "\"ketgrad.circuit\"", "program.format: expected 'ketgrad.program'"},
      {"/version", "2", "program.version: this library reads version 1, got 2"},
      {"/circuit/n_qubits", "1", "program.circuit.operations[1]: qubit 1 is out of range"},
      {"/observables/0/format", "\"x\"", "program.observables[0].format: expected 'ketgrad.pauli"},
      {"/observables/0", "3", "program.observables[0]: expected an object"},
      {"/observables/1/matrix/0/0", "[7, 1]", "program.observables[1]: the observable matrix"},
      {"/observables/1/qubits", "[0]", "program.observables[1]"},
      {"/observables/1/qubits", "[0, 0]", "program.observables[1]: qubit 0 is given twice"},
      {"/inputs", "\"x\"", "program.inputs: expected an array"},
      {"/precision", "\"half\"", "program.precision: expected 'double' or 'single', got 'half'"},
      {"/more", "1", "program: unknown key 'more'"},
  };
  for (const auto& [where, with, message] : wrongs) {
    json value = written;
    value[json::json_pointer(where)] = json::parse(with);
    const std::string refused = refusal(value, qsim::program_from_json);
    INFO(where << " = " << with << ": " << refused);
    CHECK(contains(refused, message));
  }
}

TEST_CASE("JSON with something wrong is refused, with its place", "[json]") {
  REQUIRE(refusal(bell_json()) == "nothing was thrown");
  struct Wrong {
    const char* where;  // JSON pointer
    const char* value;
    const char* message;
  };
  const std::vector<Wrong> wrongs{
      {"", "[]", "circuit: expected an object, got array"},
      {"", "{}", "'format' is missing"},
      {"/format", "\"qiskit\"", "circuit.format: expected 'ketgrad.circuit', got 'qiskit'"},
      {"/format", "7", "circuit.format: expected a string"},
      {"/version", "2", "circuit.version: this library reads version 1, got 2"},
      {"/version", "\"1\"", "circuit.version: expected an integer"},
      {"/extra", "1", "unknown key 'extra'"},
      {"/n_qubits", "2.5", "circuit.n_qubits: expected an integer"},
      {"/n_qubits", "1e30", "circuit.n_qubits"},
      {"/n_qubits", "18446744073709551615", "circuit.n_qubits"},
      {"/n_qubits", "100001", "circuit.n_qubits: number of qubits 100001"},
      {"/qubit_registers", "[]", "circuit: number of qubits 0"},
      {"/qubit_registers", "{}", "circuit.qubit_registers: expected an array"},
      {"/qubit_registers", R"([{"name": "a", "size": 3}])", "n_qubits: the registers have 3"},
      {"/qubit_registers", R"([{"name": "a"}])", "qubit_registers[0]: the key 'size' is missing"},
      {"/qubit_registers", R"([{"name": "0", "size": 2}])", "the name of a register is '0'"},
      {"/qubit_registers", R"([{"name": "a", "size": 0}])", "register 'a' has 0 qubits"},
      {"/bit_registers", R"([{"name": "q", "size": 2}])", "two registers are called 'q'"},
      {"/bit_registers", R"([{"name": "c", "size": 1000001}])", "register 'c' has 1000001"},
      {"/n_qubits", "0", "circuit.n_qubits: number of qubits 0"},
      {"/n_qubits", "1", "circuit.operations[1]: qubit 1 is out of range"},
      {"/operations", "{}", "circuit.operations: expected an array"},
      {"/operations/0", "null", "circuit.operations[0]: expected an object, got null"},
      {"/operations/0", "{}", "circuit.operations[0]: the key 'gate' is missing"},
      {"/operations/0/gate", "\"hh\"",
       "circuit.operations[0].gate: there is no gate named 'hh'; the closest are 'h', "},
      {"/operations/0/gate", "\"cx\"", "circuit.operations[0].gate: 'cx' is 'x' under controls"},
      {"/operations/0/gate", "\"rx\"", "circuit.operations[0]: gate 'rx' takes 1 angle(s), got 0"},
      {"/operations/0/gate", "\"unitary\"", "gate 'unitary' needs 'matrix'"},
      {"/operations/0/gate", "\"pauli_rotation\"", "gate 'pauli_rotation' needs 'pauli'"},
      {"/operations/0/gate", "\"measure\"", "gate 'measure' needs 'bit'"},
      {"/operations/0/gate", "\"channel\"", "gate 'channel' needs 'channel'"},
      {"/operations/0/bit", "0", "gate 'h' takes no 'bit'"},
      {"/operations/0/channel", "{}", "gate 'h' takes no 'channel'"},
      {"/operations/0/readout_error", R"({"one_for_zero": 0, "zero_for_one": 0})",
       "operations[0]: h takes no readout error"},
      {"/operations/0/condition", "[]", "operations[0]: a condition without comparisons"},
      {"/operations/0/condition", "{}", "operations[0].condition: expected an array"},
      {"/operations/0/condition", R"([{"bits": [0], "values": [true]}])", "bit 0 is out of range"},
      {"/operations/0/condition", R"([{"bits": [0], "values": [1]}])", "expected true or false"},
      {"/operations/0/pauli", "\"X\"", "gate 'h' takes no 'pauli'"},
      {"/operations/0/matrix", "[]", "gate 'h' takes no 'matrix'"},
      {"/operations/0/angels", "[1]", "circuit.operations[0]: unknown key 'angels'"},
      {"/operations/0/targets", "0", "circuit.operations[0].targets: expected an array"},
      {"/operations/0/targets", "[]", "acts on 1 qubit(s), got 0"},
      {"/operations/0/targets/0", "-1", "circuit.operations[0]: qubit -1 is out of range"},
      {"/operations/0/targets/0", "true", "circuit.operations[0].targets[0]: expected an integer"},
      {"/operations/0/label", "1", "circuit.operations[0].label: expected a string"},
      {"/operations/1/controls/0", "0", "circuit.operations[1].controls[0]: expected an object"},
      {"/operations/1/controls/0/value", "1", "controls[0].value: expected true or false"},
      {"/operations/1/controls/0/qubit", "1", "qubit 1 is given twice"},
  };
  for (const Wrong& wrong : wrongs) {
    json value = bell_json();
    value[json::json_pointer(wrong.where)] = json::parse(wrong.value);
    INFO(wrong.where << " = " << wrong.value << ": " << refusal(value));
    CHECK(contains(refusal(value), wrong.message));
  }
}

TEST_CASE("JSON with a wrong measurement or channel is refused", "[json]") {
  const json good = to_json(samples::wires()
                                .add(samples::operation(qsim::gate_row("measure")))
                                .add(samples::operation(qsim::gate_row("channel"))));
  REQUIRE(refusal(good) == "nothing was thrown");
  const std::vector<std::array<const char*, 3>> wrongs{
      {"/operations/0/bit", "4", "bit 4 is out of range for 4"},
      {"/operations/0/bit", "-1", "measure needs a classical bit, got -1"},
      {"/operations/0/bit", "0.5", "operations[0].bit: expected an integer"},
      {"/operations/0/targets", "[0, 1]", "measure acts on 1 qubit, got 2"},
      {"/operations/0/readout_error", "{}", "the key 'one_for_zero' is missing"},
      {"/operations/0/readout_error/zero_for_one", "1.5",
       "zero_for_one is 1.5; it must be in [0, 1]"},
      {"/operations/1/channel/kraus", "[]", "has no Kraus operators"},
      {"/operations/1/channel/kraus/0/0/0", "[0, 0]", "does not preserve the trace"},
      {"/operations/1/channel/kraus/0", "[[[1, 0]]]", "Kraus operator 0"},
      {"/operations/1/channel/name", "7", "channel.name: expected a string"},
      {"/operations/1/channel/parameters", "[null]", "parameters[0]: expected a number"},
  };
  for (const auto& [where, with, message] : wrongs) {
    json value = good;
    value[json::json_pointer(where)] = json::parse(with);
    INFO(where << " = " << with << ": " << refusal(value));
    CHECK(contains(refusal(value), message));
  }
}

TEST_CASE("JSON with a wrong expression is refused", "[json]") {
  for (const char* text :
       {"null", "\"x\"", "[1]", "true", "{}", R"({"parameter": 1})", R"({"parameter": ""})",
        R"({"parameter": "a", "op": "+"})", R"({"op": "+"})", R"({"op": "+", "args": [1]})",
        R"({"op": "+", "args": [1, 2, 3]})", R"({"op": "cot", "args": [1]})",
        R"({"op": "constant", "args": []})", R"({"op": "parameter", "args": []})",
        R"({"op": "log", "args": [0]})", R"({"op": "/", "args": [1, 0]})",
        R"({"op": "sin", "args": [{"parameter": []}]})"}) {
    INFO(text);
    CHECK_THROWS_AS(qsim::expression_from_json(json::parse(text)), ValueError);
  }
  json deep = 1.0;  // constants fold, so only the reader itself can count these
  for (int k = 0; k < 5000; ++k) {
    json outer{{"op", "neg"}, {"args", json::array()}};
    outer["args"].push_back(std::move(deep));
    deep = std::move(outer);
  }
  CHECK_THROWS_AS(qsim::expression_from_json(deep), ValueError);
}

TEST_CASE("JSON with a wrong matrix is refused", "[json]") {
  const json good = to_json(Circuit(2).unitary(samples::reflection(2), {0}));
  REQUIRE(refusal(good) == "nothing was thrown");
  for (const char* matrix :
       {"[]", "1", "[[1,0],[0,1]]", "[[[1,0],[0,0]]]", "[[[1,0],[0,0]],[[0,0]]]",
        "[[[1,0],[0,0]],[[0,0],[2,0]]]", "[[[1,0],[0,0]],[[0,0],[1,null]]]", "[[[1,0]]]",
        "[[[1e308,0],[1e308,0]],[[-1e308,0],[1e308,0]]]"}) {
    json bad = good;
    bad["operations"][0]["matrix"] = json::parse(matrix);
    INFO(matrix);
    CHECK(contains(refusal(bad), "circuit.operations[0]"));
  }
  json tall = good;  // many rows in a short text: refused before a matrix is allocated
  tall["operations"][0]["matrix"] = json(std::vector<json>(100'000, json::array()));
  CHECK(contains(refusal(tall), "a matrix has 1 to 4096 rows"));
}

TEST_CASE("hostile JSON text is refused", "[json]") {
  const std::string open_brackets(1'000'000, '[');
  std::string objects;
  for (int k = 0; k < 100'000; ++k) objects += "{\"a\":";
  for (const std::string& text :
       {std::string(), std::string("nonsense"), std::string("{"), std::string("[1e999]"),
        std::string("\"\xff\""), std::string("{\"format\":\"\\ud800\"}"), open_brackets, objects,
        open_brackets + std::string(1'000'000, ']'), std::string("\0", 1), std::string("[1,]"),
        to_json_text(Circuit(1)) + "x", '"' + std::string(100'000, 'a')}) {
    try {
      (void)qsim::circuit_from_json_text(text);
      FAIL("accepted " << text.substr(0, 40));
    } catch (const ValueError& error) {
      CHECK(std::string_view(error.what()).size() < 1000);
    }
  }
}

TEST_CASE("every truncation of a circuit's JSON is refused", "[json]") {
  const std::string text = to_json_text(Circuit(2).rx(Parameter("w"), 0).cx(0, 1));
  for (std::size_t k = 0; k < text.size(); ++k) {
    CHECK_THROWS_AS(qsim::circuit_from_json_text(text.substr(0, k)), ValueError);
  }
}

TEST_CASE("a name that is not UTF-8 cannot be written as text", "[json]") {
  CHECK_THROWS_AS(to_json_text(Circuit(1).rx(Parameter("\xff"), 0)), ValueError);
}
