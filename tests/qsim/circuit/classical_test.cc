// Classical bits, measurements, resets, barriers, channels and conditions of circuits, as data.

#include <cmath>

#include "qsim/circuit/circuit.h"
#include "qsim/compile/program.h"
#include "qsim/core/error.h"
#include "tests/catch.h"

namespace {

using qsim::Channel;
using qsim::Circuit;
using qsim::Comparison;
using qsim::Condition;
using qsim::IndexError;
using qsim::Matrix;
using qsim::Operation;
using qsim::ValueError;

Channel flip(double p) {
  Matrix keep = std::sqrt(1 - p) * Matrix::Identity(2, 2);
  Matrix x = Matrix::Zero(2, 2);
  x(0, 1) = x(1, 0) = std::sqrt(p);
  return {"bit_flip", {p}, {std::move(keep), std::move(x)}};
}

Condition one(int bit) { return {{{bit}, {true}}}; }

}  // namespace

TEST_CASE("registers have names and sizes", "[circuit]") {
  const Circuit circuit({{"a", 2}, {"b", 1}}, {{"c", 2}, {"flag", 1}});
  CHECK(circuit.n_qubits() == 3);
  CHECK(circuit.n_bits() == 3);
  CHECK(circuit.equals("flag", 1) == Comparison{{2}, {true}});
  CHECK(circuit.equals("c", 2) == Comparison{{0, 1}, {false, true}});
  CHECK(Circuit(3, 2) == Circuit({{"q", 3}}, {{"c", 2}}));
  CHECK_FALSE(Circuit(3) == Circuit({{"a", 3}}));
  CHECK_THROWS_AS(circuit.equals("c", 4), ValueError);
  CHECK_THROWS_AS(circuit.equals("d", 0), ValueError);
  CHECK_THROWS_AS(Circuit({{"a", 1}, {"a", 1}}), ValueError);
  CHECK_THROWS_AS(Circuit({{"a", 1}}, {{"a", 1}}), ValueError);
  CHECK_THROWS_AS(Circuit({{"1a", 1}}), ValueError);
  CHECK_THROWS_AS(Circuit({{"a", 0}}), ValueError);
  CHECK_THROWS_AS(Circuit({}, {{"c", 1}}), ValueError);
  CHECK_THROWS_AS(Circuit({{"a", qsim::kMaxCircuitQubits}, {"b", 1}}), ValueError);
  CHECK_THROWS_AS(Circuit(1, -1), ValueError);
}

TEST_CASE("measurements take one qubit and one bit", "[circuit]") {
  Circuit circuit = Circuit(2).h(0).measure_all();
  CHECK(circuit.n_bits() == 2);
  CHECK(circuit.operations().back().bit == 1);
  CHECK_FALSE(circuit.is_unitary());
  const Circuit before = circuit;
  CHECK_THROWS_AS(circuit.measure(0, 2), IndexError);
  CHECK_THROWS_AS(circuit.measure(2, 0), IndexError);
  CHECK_THROWS_AS(circuit.measure(0, -1), ValueError);
  CHECK_THROWS_AS(circuit.add({.row = &qsim::gate_row("x"), .targets = {0}, .bit = 0}), ValueError);
  CHECK_THROWS_AS(Circuit(2, 1).measure_all(), ValueError);
  CHECK(circuit == before);
  CHECK_THROWS_AS(circuit.inverse(), ValueError);
  CHECK_THROWS_AS(circuit.control(), ValueError);
  CHECK_THROWS_AS(qsim::compile(circuit), ValueError);
  CHECK(Circuit({{"c", 1}}).measure_all().bit_registers().front().name == "c_");
}

TEST_CASE("depth counts bits and no barriers", "[circuit]") {
  Circuit circuit(3, 1);
  circuit.h(0).measure(0, 0).barrier().when(one(0), Circuit(3).x(1));
  CHECK(circuit.depth() == 3);
  CHECK(Circuit(2).h(0).barrier().h(1).depth() == 1);
}

TEST_CASE("barriers do nothing where programs run", "[circuit]") {
  const Circuit circuit = Circuit(2).h(0).barrier({1}).barrier().cx(0, 1);
  CHECK(circuit.is_unitary());
  CHECK(qsim::compile(circuit).steps.size() ==
        qsim::compile(Circuit(2).h(0).cx(0, 1)).steps.size());
  CHECK(circuit.inverse() == Circuit(2).cx(0, 1).barrier().barrier({1}).h(0));
  CHECK(Circuit(1).x(0).barrier().control() == Circuit(2).cx(1, 0).barrier({0}));
}

TEST_CASE("channels must preserve the trace", "[circuit]") {
  Circuit circuit(2);
  circuit.channel(flip(0.1), {1});
  CHECK(circuit == Circuit(2).channel(flip(0.1), {1}));
  CHECK_FALSE(circuit == Circuit(2).channel(flip(0.2), {1}));
  Channel leaky = flip(0.1);
  leaky.kraus.pop_back();
  CHECK_THROWS_AS(circuit.channel(leaky, {0}), ValueError);
  CHECK_THROWS_AS(circuit.channel({"none", {}, {}}, {0}), ValueError);
  CHECK_THROWS_AS(circuit.channel(flip(0.1), {0, 2}), IndexError);
  CHECK_THROWS_AS(circuit.channel(flip(0.1), {}), ValueError);
  CHECK_THROWS_AS(circuit.inverse(), ValueError);
  CHECK(circuit.size() == 1);
  circuit.channel(flip(0.1), {1, 0});  // on each
  CHECK(circuit ==
        Circuit(2).channel(flip(0.1), {1}).channel(flip(0.1), {1}).channel(flip(0.1), {0}));
}

TEST_CASE("readout errors belong to measurements", "[circuit]") {
  Circuit circuit(1, 1);
  Operation op = Circuit(1, 1).measure(0, 0).operations().front();
  op.readout_error = std::make_shared<const qsim::ReadoutError>(qsim::ReadoutError{0.1, 1.5});
  CHECK_THROWS_AS(circuit.add(op), ValueError);
  op.readout_error = std::make_shared<const qsim::ReadoutError>(qsim::ReadoutError{0.1, 0.2});
  CHECK(circuit.add(op).size() == 1);
  op.row = &qsim::gate_row("reset");
  op.bit = -1;
  CHECK_THROWS_AS(circuit.add(op), ValueError);
}

TEST_CASE("a condition holds for all that comes under it", "[circuit]") {
  Circuit circuit(2, 2);
  const Circuit otherwise = Circuit(2).y(1);
  circuit.when(one(0), Circuit(2, 2).x(0).when(one(1), Circuit(2).z(0)), &otherwise);
  REQUIRE(circuit.size() == 3);
  CHECK(*circuit.operations()[0].condition == one(0));
  CHECK(*circuit.operations()[1].condition == Condition{{{0}, {true}}, {{1}, {true}}});
  CHECK(*circuit.operations()[2].condition == Condition{{{0}, {true}, false}});
  CHECK_THROWS_AS(qsim::compile(circuit), ValueError);
}

TEST_CASE("otherwise covers every way in which a condition fails", "[circuit]") {
  Circuit circuit(1, 2);
  const Circuit otherwise = Circuit(1).y(0);
  circuit.when({{{0}, {true}}, {{1}, {true}}}, Circuit(1).x(0), &otherwise);
  for (int value = 0; value < 4; ++value) {
    std::vector<std::string_view> acts;
    for (const Operation& op : circuit.operations()) {
      bool holds = true;
      for (const Comparison& c : *op.condition) {
        bool equal = true;
        for (std::size_t k = 0; k < c.bits.size(); ++k) {
          equal = equal && (((value >> c.bits[k]) & 1) == 1) == c.values[k];
        }
        holds = holds && equal == c.equal;
      }
      if (holds) acts.push_back(op.row->name);
    }
    CHECK(acts == std::vector<std::string_view>{value == 3 ? "x" : "y"});
  }
}

TEST_CASE("a condition must last until its end", "[circuit]") {
  Circuit circuit(1, 2);
  CHECK(Circuit(circuit).when(one(0), Circuit(1, 2).h(0).measure(0, 0)).size() == 2);
  CHECK_THROWS_AS(circuit.when(one(0), Circuit(1, 2).measure(0, 0).h(0)), ValueError);
  const Circuit otherwise = Circuit(1).y(0);
  CHECK_THROWS_AS(circuit.when(one(0), Circuit(1, 2).measure(0, 0), &otherwise), ValueError);
  CHECK_THROWS_AS(circuit.when({}, Circuit(1).h(0)), ValueError);
  CHECK_THROWS_AS(circuit.when(one(2), Circuit(1).h(0)), IndexError);
  CHECK_THROWS_AS(circuit.when(one(0), Circuit(2).h(0)), ValueError);
  CHECK_THROWS_AS(circuit.when(one(0), Circuit(1).initialize({1.0})), ValueError);
  CHECK(circuit.size() == 0);
}

TEST_CASE("a circuit can be its own branch") {
  Circuit circuit = Circuit(1, 1).x(0);
  circuit.when(one(0), circuit, &circuit);
  REQUIRE(circuit.size() == 3);
  CHECK(*circuit.operations()[1].condition == one(0));
  CHECK_FALSE(circuit.operations()[2].condition->front().equal);
}

TEST_CASE("channels have few qubits") {
  const Matrix identity = Matrix::Identity(64, 64);
  CHECK_THROWS_AS(Circuit(6).channel({"wide", {}, {identity}}, {0, 1, 2, 3, 4, 5}), ValueError);
}

TEST_CASE("composing moves bits and conditions", "[circuit]") {
  const Circuit part = Circuit(2, 2).measure(0, 1).when(one(1), Circuit(2).x(1));
  const std::vector<int> qubits{2, 0};
  const std::vector<int> bits{3, 1};
  const Circuit circuit = Circuit(3, 4).compose(part, qubits, bits);
  CHECK(circuit == Circuit(3, 4).measure(2, 1).when(one(1), Circuit(3).x(0)));
  CHECK_THROWS_AS(Circuit(3, 1).compose(part, qubits), ValueError);
}

TEST_CASE("final measurements can be left out", "[circuit]") {
  CHECK(Circuit(2).h(0).barrier().measure_all().without_final_measurements() == Circuit(2).h(0));
  const Circuit middle = Circuit(1, 2).measure(0, 0).h(0);
  CHECK(Circuit(middle).measure(0, 1).without_final_measurements() == middle);
  const Circuit read = Circuit(2, 1).measure(0, 0).when(one(0), Circuit(2).x(1));
  CHECK(read.without_final_measurements() == read);
}

TEST_CASE("circuits as data may be wider than what runs", "[circuit]") {
  Circuit wide(1000);
  wide.h(999).cx(999, 0).ccx(63, 64, 65);
  CHECK(wide.size() == 3);
  CHECK_THROWS_AS(wide.cx(70, 70), ValueError);
  CHECK_THROWS_AS(wide.h(1000), IndexError);
  CHECK_THROWS_AS(wide.h(-1), IndexError);
  CHECK_THROWS_AS(qsim::compile(wide), ValueError);
  CHECK_THROWS_AS(Circuit(qsim::kMaxCircuitQubits + 1), ValueError);
}
