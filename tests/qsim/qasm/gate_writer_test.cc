#include "qsim/qasm/gate_writer.h"

#include <array>
#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/engines/execute.h"
#include "qsim/library/adders.h"
#include "qsim/qasm/parameters.h"
#include "qsim/qasm/qasm.h"
#include "tests/boxes.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::circuit_from_qasm;
using qsim::Parameter;
using qsim::Qubit;
using qsim::to_qasm;
using reference::contains;
using reference::Dice;

Circuit bell() { return Circuit(2).h(0).cx(0, 1); }

Circuit composed(Circuit onto, const Circuit& part, const std::vector<Qubit>& qubits,
                 const std::string& label) {
  return onto.compose(part, qubits, {}, label);
}

void check_round_trip(const Circuit& circuit, int version = 3) {
  const std::string text = to_qasm(circuit, version);
  INFO(text);
  const Circuit read = circuit_from_qasm(text);
  CHECK(read == circuit);
  CHECK(read.boxes() == circuit.boxes());
}

}  // namespace

TEST_CASE("a box is written as a gate of its own") {
  const Circuit circuit =
      composed(composed(Circuit(3), bell(), {0, 2}, "bell†"), bell(), {2, 1}, "bell†");
  CHECK(to_qasm(circuit) == R"(OPENQASM 3.0;
include "stdgates.inc";
gate bell_dg q0, q1 {
  h q0;
  cx q0, q1;
}
qubit[3] q;
bell_dg q[0], q[2];
bell_dg q[2], q[1];
)");
  check_round_trip(circuit);
  check_round_trip(circuit, 2);
}

TEST_CASE("names of gates from labels") {
  using qsim::qasm::gate_label;
  using qsim::qasm::gate_name;
  CHECK(gate_name("QFT†", 3) == "QFT_dg");
  CHECK(gate_name("QFT†", 2) == "qft_dg");
  CHECK(gate_name("×7 mod 15", 3) == "box_7_mod_15");
  CHECK(gate_name("U^2", 3) == "U_2");
  CHECK(gate_name("†", 3) == "box");
  CHECK(gate_name("ψ", 2) == "box");
  CHECK(gate_label("QFT_dg") == "QFT†");
  CHECK(gate_label("_dg") == "_dg");
}

TEST_CASE("names that are taken get a number") {
  Circuit circuit({{"part", 2}});
  circuit = composed(circuit, Circuit(1).h(0), {0}, "part");
  circuit = composed(circuit, Circuit(1).x(0), {0}, "part");
  circuit = composed(circuit, Circuit(1).rx(Parameter("layer"), 0), {1}, "layer");
  circuit = composed(circuit, Circuit(1).y(0), {1}, "cx");
  circuit = composed(circuit, Circuit(1).y(0), {1}, "gate");
  circuit = composed(circuit, Circuit(1).y(0), {1}, "pauli_xx");
  const std::string text = to_qasm(circuit);
  INFO(text);
  for (const char* name : {"gate part_1 ", "gate part_2 ", "gate layer_1(", "gate cx_1 ",
                           "gate gate_1 ", "gate pauli_xx_1 "}) {
    CHECK(contains(text, name));
  }
  CHECK(circuit_from_qasm(text) == circuit);
}

TEST_CASE("boxes with parameters share a definition") {
  Circuit circuit(2);
  for (int k = 0; k < 2; ++k) {
    const Parameter w("w", k, 2);
    circuit =
        composed(circuit, Circuit(2).rx(2 * w, 0).rzz(w + Parameter("a b"), 0, 1), {0, 1}, "layer");
  }
  const std::string text = to_qasm(circuit);
  INFO(text);
  CHECK(contains(text, "gate layer(p0, p1) q0, q1 {"));
  CHECK(contains(text, "layer(w[1], ketgrad__61_20b) q[0], q[1];"));
  CHECK_FALSE(contains(text, "layer_1"));
  check_round_trip(circuit);
}

TEST_CASE("boxes under controls and conditions") {
  const std::array<bool, 2> values{true, false};
  Circuit part(3);
  part.compose(Circuit(3).x(0).pauli_rotation(0.5, "I", {0}).ccx(0, 1, 2), {}, {}, "part");
  const Circuit controlled = part.control(values);
  CHECK(contains(to_qasm(controlled), "ctrl @ negctrl @ part q[3], q[4], q[0], q[1], q[2];"));
  check_round_trip(controlled);
  check_round_trip(composed(Circuit(5), controlled, {4, 0, 1, 3, 2}, "whole").control(2));
  // Version 2 has no controls of gates: it has the operations.
  Circuit flip(2);
  flip.compose(Circuit(2).x(0).x(1), {}, {}, "flip");
  const std::string text = to_qasm(flip.control(1), 2);
  CHECK(contains(text, "cx q[2], q[0];"));
  CHECK(circuit_from_qasm(text) == flip.control(1));

  Circuit conditional(2, 1);
  conditional.measure(0, 0).when({{.bits = {0}, .values = {true}}},
                                 composed(Circuit(2, 1), bell(), {1, 0}, "bell"));
  CHECK(contains(to_qasm(conditional), "if (c[0]) {\n  bell q[1], q[0];\n}"));
  check_round_trip(conditional);
  check_round_trip(conditional, 2);
}

TEST_CASE("what no gate can hold is written as its operations") {
  const Circuit readout = composed(Circuit(2, 1), bell(), {0, 1}, "bell").measure(0, 0).reset(1);
  Circuit circuit(2, 1);
  circuit.compose(readout, {}, {}, "readout");
  const std::string text = to_qasm(circuit);
  CHECK_FALSE(contains(text, "readout"));
  CHECK(contains(text, "bell q[0], q[1];"));
  CHECK(circuit_from_qasm(text) == circuit);
  Circuit barred(2);
  barred.compose(bell().barrier().h(1), {}, {}, "barred");
  check_round_trip(barred);
}

TEST_CASE("circuits of the library are written with their parts") {
  const std::string text = to_qasm(qsim::draper_adder(3));
  CHECK(contains(text, "gate QFT q0, q1, q2 {"));
  CHECK(contains(text, "QFT_dg q[3], q[4], q[5];"));
  check_round_trip(qsim::draper_adder(3));
}

TEST_CASE("the gates of a file are boxes") {
  const Circuit circuit = circuit_from_qasm(R"(
gate inner(t) a { rx(t) a; h a; }
gate outer(t) a, b { cx a, b; inner(2 * t) b; inv @ inner(t) a; }
gate h a { U(pi/2, 0, pi) a; }
qubit[3] q;
outer(0.5) q[2], q[0];
inv @ outer(0.5) q[0], q[1];
pow(2) @ outer(0.5) q[0], q[1];
ctrl @ inner(1) q[0], q[1];
h q[1];
inner(1) q;
pow(0) @ outer(1) q[0], q[1];
)");
  const std::vector<qsim::Box> expected{
      {"outer", 0, 5, {2, 0}},     {"inner", 1, 2, {0}},  {"inner†", 3, 2, {2}},
      {"outer†", 5, 5, {0, 1}},    {"inner", 5, 2, {0}},  {"inner†", 7, 2, {1}},
      {"outer^2", 10, 10, {0, 1}}, {"inner", 20, 2, {1}}, {"inner", 23, 2, {0}},
      {"inner", 25, 2, {1}},       {"inner", 27, 2, {2}}};
  CHECK(circuit.boxes() == expected);
  CHECK(circuit.size() == 29);
}

TEST_CASE("boxes of a file cost what they take") {
  std::string text = "gate g0 a { x a; }\n";
  for (int k = 1; k < 150; ++k) {
    text += "gate g" + std::to_string(k) + " a { g" + std::to_string(k - 1) + " a; }\n";
  }
  text += "qubit q; g149 q;";
  const Circuit circuit = circuit_from_qasm(text);
  CHECK(circuit.size() == 1);
  CHECK(circuit.boxes().size() == 100);
  const std::string error = reference::error_of<qsim::ValueError>(
      [&] { (void)circuit_from_qasm(text, {.max_operations = 50}); });
  CHECK(contains(error, "more than 50 operations"));
}

TEST_CASE("random boxes survive OpenQASM 3") {
  Dice dice(11);
  const auto name = [](const std::string& label) {  // without the number of what is alike
    const std::string plain = qsim::qasm::gate_name(label, 3);
    const bool inverse = plain.ends_with("_dg");
    const std::string base = inverse ? plain.substr(0, plain.size() - 3) : plain;
    return base.substr(0, base.find('_'));
  };
  for (int round = 0; round < 60; ++round) {
    const Circuit circuit = reference::boxed_circuit(4, 3, dice);
    const std::string text = to_qasm(circuit);
    INFO(text);
    const Circuit read = circuit_from_qasm(text);
    CHECK(read == circuit);
    REQUIRE(read.boxes().size() == circuit.boxes().size());
    for (std::size_t k = 0; k < read.boxes().size(); ++k) {
      qsim::Box got = read.boxes()[k];
      qsim::Box wanted = circuit.boxes()[k];
      CHECK(name(got.label) == name(wanted.label));
      got.label = wanted.label;
      CHECK(got == wanted);
    }
  }
}
