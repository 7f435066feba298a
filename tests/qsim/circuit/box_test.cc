#include "qsim/circuit/box.h"

#include <array>
#include <string>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "qsim/json/json.h"
#include "qsim/library/fourier.h"
#include "tests/boxes.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Box;
using qsim::Circuit;
using qsim::Control;
using qsim::Qubit;
using qsim::ValueError;
using reference::contains;
using reference::Dice;
using reference::error_of;

using Boxes = std::vector<Box>;

Circuit bell() { return Circuit(2).h(0).cx(0, 1); }

// x, then bell in a box on qubits 2 and 1.
Circuit boxed() {
  const std::vector<Qubit> qubits{2, 1};
  return Circuit(3).x(0).compose(bell(), qubits, {}, "Bell");
}

const Boxes kBoxed{{"Bell", 1, 2, {2, 1}}};

}  // namespace

TEST_CASE("compose with a label makes a box and nothing else", "[box]") {
  const Circuit circuit = boxed();
  CHECK(circuit.boxes() == kBoxed);
  CHECK(circuit == Circuit(3).x(0).h(2).cx(2, 1));
  CHECK(Circuit(2).compose(bell()).boxes().empty());
  CHECK(Circuit(2).compose(Circuit(2), {}, {}, "nothing").boxes().empty());
  // Without qubits it is on the first ones.
  CHECK(Circuit(3).compose(bell(), {}, {}, "Bell").boxes() == Boxes{{"Bell", 0, 2, {0, 1}}});
}

TEST_CASE("boxes stand in boxes", "[box]") {
  const std::vector<Qubit> qubits{3, 1, 0};
  const Circuit outer = Circuit(4).compose(boxed(), qubits, {}, "Outer");
  CHECK(outer.boxes() == Boxes{{"Outer", 0, 3, {3, 1, 0}}, {"Bell", 1, 2, {0, 1}}});
  const Circuit again = Circuit(4).compose(outer, {}, {}, "Again");
  CHECK(again.boxes() ==
        Boxes{{"Again", 0, 3, {0, 1, 2, 3}}, {"Outer", 0, 3, {3, 1, 0}}, {"Bell", 1, 2, {0, 1}}});
  CHECK(qsim::depth_of(again.boxes()) == 3);
  Circuit self = boxed();
  self.compose(self, {}, {}, "Twice");
  CHECK(self.boxes() == Boxes{kBoxed[0], {"Twice", 3, 3, {0, 1, 2}}, {"Bell", 4, 2, {2, 1}}});
}

TEST_CASE("boxes go with what is made of a circuit", "[box]") {
  const Circuit circuit = boxed();
  CHECK(circuit.inverse().boxes() == Boxes{{"Bell†", 0, 2, {2, 1}}});
  CHECK(circuit.inverse().inverse().boxes() == kBoxed);
  CHECK(circuit.repeat(2).boxes() == Boxes{kBoxed[0], {"Bell", 4, 2, {2, 1}}});
  CHECK(circuit.control(2).boxes() == kBoxed);
  CHECK(circuit.assign({}).boxes() == kBoxed);
  CHECK(Circuit(circuit).boxes() == kBoxed);
  CHECK(Circuit(circuit).measure_all().without_final_measurements().boxes() == kBoxed);
  CHECK(Circuit(circuit).add_bits("m", 2).boxes() == kBoxed);
  Circuit conditional(3, 1);
  conditional.when({{.bits = {0}, .values = {true}}}, circuit);
  CHECK(conditional.boxes() == kBoxed);
  // The same operations, nested: the outer one comes first from either end.
  const Circuit both =
      Circuit(2).compose(Circuit(2).compose(bell(), {}, {}, "in"), {}, {}, "out").h(0).inverse();
  CHECK(both.boxes() == Boxes{{"out†", 1, 2, {0, 1}}, {"in†", 1, 2, {0, 1}}});
}

TEST_CASE("the controls of a box are those that all its operations have", "[box]") {
  const std::array<bool, 2> values{true, false};
  const Circuit circuit = boxed().barrier().control(values);
  CHECK(qsim::controls_of(circuit.boxes()[0], circuit.operations()) ==
        std::vector<Control>{{3, true}, {4, false}});
  const Circuit flat = boxed();
  CHECK(qsim::controls_of(flat.boxes()[0], flat.operations()).empty());
}

TEST_CASE("a box that loses an operation is dropped", "[box]") {
  const Circuit measured = Circuit(2, 2).h(0).measure(0, 0);
  const Circuit circuit = Circuit(2, 2)
                              .compose(bell(), {}, {}, "kept")
                              .compose(measured, {}, {}, "cut")
                              .without_final_measurements();
  CHECK(circuit.boxes() == Boxes{{"kept", 0, 2, {0, 1}}});
}

TEST_CASE("circuits with measurements may be boxes but not controlled", "[box]") {
  const Circuit readout = Circuit(1, 1).h(0).measure(0, 0);
  const Circuit circuit = Circuit(2, 2).compose(readout, {}, {}, "Readout");
  CHECK(circuit.boxes().size() == 1);
  CHECK(error_of<ValueError>([&] { (void)circuit.control(1); }) == "measure cannot be controlled");
  CHECK(contains(error_of<ValueError>([&] { (void)circuit.inverse(); }), "no inverse"));
}

TEST_CASE("what fails adds no box", "[box]") {
  Circuit circuit = boxed();
  const auto refused = [&](const auto& body) {
    const std::string text = error_of<ValueError>(body);
    CHECK(circuit.boxes() == kBoxed);
    CHECK(circuit.size() == 3);
    return text;
  };
  const Circuit late = Circuit(1).compose(Circuit(1).initialize({1.0}), {}, {}, "start");
  CHECK(contains(refused([&] { circuit.compose(late, {}, {}, "late"); }), "initialize"));
  const std::string long_label(101, 'x');
  CHECK(contains(refused([&] { circuit.compose(bell(), {}, {}, long_label); }),
                 "the label of a box has 101 characters; the limit is 100"));
  CHECK(contains(refused([&] { qsim::check_label(""); }), "the label of a box is ''"));
  Circuit deep = bell();
  for (int k = 0; k < 100; ++k) deep = Circuit(2).compose(deep, {}, {}, "deeper");
  CHECK(contains(refused([&] { Circuit(2).compose(deep, {}, {}, "deepest"); }),
                 "more than 100 boxes"));
}

TEST_CASE("boxes are checked where they are set", "[box]") {
  const Circuit circuit = Circuit(3).h(0).cx(0, 1).cx(2, 0).cx(2, 1);
  const auto error = [&](Boxes boxes) {
    return error_of<ValueError>([&] { Circuit(circuit).set_boxes(std::move(boxes)); });
  };
  CHECK(Circuit(circuit).set_boxes({{"a", 0, 2, {0, 1}}, {"b", 2, 2, {0, 1}}}).boxes().size() == 2);
  CHECK(contains(error({{"a", 0, 5, {0, 1, 2}}}), "5 operation(s) from 0 on, of 4"));
  CHECK(contains(error({{"a", 4, 0, {0}}}), "0 operation(s)"));
  CHECK(contains(error({{"", 0, 1, {0}}}), "label"));
  CHECK(contains(error({{"b", 1, 1, {0, 1}}, {"a", 0, 1, {0}}}), "before the one"));
  CHECK(contains(error({{"b", 0, 1, {0}}, {"a", 0, 2, {0, 1}}}), "ends behind"));
  CHECK(contains(error({{"a", 0, 2, {0, 1}}, {"b", 1, 3, {0, 1, 2}}}), "ends behind"));
  CHECK(contains(error({{"a", 0, 2, {0}}}), "lacks qubit 1, which its 'x' acts on"));
  CHECK(contains(error({{"a", 1, 3, {0, 1}}}), "not all"));
  CHECK(contains(error({{"a", 0, 1, {}}}), "no qubits"));
  CHECK(contains(error({{"a", 0, 2, {0, 1}}, {"b", 0, 1, {0, 2}}}), "'a' around it lacks"));
}

TEST_CASE("boxes change nothing of what random circuits do", "[box]") {
  Dice dice(7);
  for (int round = 0; round < 60; ++round) {
    const Circuit circuit = reference::boxed_circuit(4, 3, dice).assign({});
    const Circuit flat = reference::without_boxes(circuit);
    CHECK(circuit == flat);
    CHECK(circuit.depth() == flat.depth());
    CHECK(circuit.count_gates() == flat.count_gates());
    CHECK(circuit.parameters() == flat.parameters());
    const std::map<std::string, double> values = circuit.parameters().empty()
                                                     ? std::map<std::string, double>{}
                                                     : std::map<std::string, double>{{"a", 0.3}};
    CHECK(reference::difference(qsim::unitary(circuit, values), qsim::unitary(flat, values)) == 0);
    // Every way there and back has boxes that pass the check, and the same ones.
    for (const Circuit& made : {circuit.inverse(), circuit.repeat(2), circuit.control(2)}) {
      CHECK(Circuit(made).set_boxes(made.boxes()).boxes() == made.boxes());
      const Circuit read = qsim::circuit_from_json_text(qsim::to_json_text(made));
      CHECK(read == made);
      CHECK(read.boxes() == made.boxes());
    }
    CHECK(circuit.inverse().inverse().boxes() == circuit.boxes());
  }
}
