#include "qsim/compile/fuse.h"

#include <algorithm>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qsim/compile/bind.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/tiles/tiles.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

namespace {

using qsim::Circuit;
using qsim::Program;
using qsim::Shape;
using reference::Dice;
using reference::kTolerance;
using reference::Vector;

Program fused(Program program) {
  qsim::fuse_constants(program);
  return program;
}

// Dense gates on pairs that often follow on each other, beside random ones.
Circuit fusible_circuit(int n_qubits, Dice& dice) {
  Circuit out(n_qubits);
  const auto angle = [&dice] { return dice.uniform(-4, 4); };
  for (int k = 0; k < 12; ++k) {
    const auto q = dice.qubits(2, n_qubits);
    switch (dice.below(6)) {
      case 0:
        out.unitary(dice.unitary(2), q);
        break;
      case 1:
        for (int j = 0; j < 3; ++j) out.u(angle(), angle(), angle(), q[0]).cx(q[0], q[1]).h(q[1]);
        break;
      case 2:
        out.rxx(angle(), q[0], q[1]).ryy(angle(), q[0], q[1]).cz(q[0], q[1]);
        break;
      case 3:
        out.cp(angle(), q[0], q[1]).swap(q[0], q[1]);
        break;
      case 4:
        out.unitary(dice.unitary(3), dice.qubits(3, n_qubits))
            .gate("rx", {angle()}, {q[0]}, {{q[1], false}});
        break;
      default:
        out.compose(reference::random_circuit(
            {.n_qubits = n_qubits, .n_gates = 4, .max_controls = 2}, dice));
    }
  }
  return out;
}

template <class T>
void compare_with_reference(const Circuit& circuit, const Program& program, const Vector& in) {
  const Vector expected = reference::apply(circuit, {}, in);
  const auto binding = reference::bound<T>(program);
  for (const int tile : {4, 0}) {
    qsim::set_tile_size({tile, 0});
    qsim::State<T> state = reference::to_state<T>(in);
    qsim::run_steps(program, binding, state);
    CHECK(reference::difference(state, expected) < 10 * kTolerance<T>);
  }
  qsim::set_tile_size({});
}

TEST_CASE("fused programs agree with the reference on every instruction set", "[fuse]") {
  Dice dice(1);
  std::size_t before = 0;
  std::size_t after = 0;
  for (int k = 0; k < 60; ++k) {
    const int n = 3 + dice.below(5);
    const Circuit circuit = fusible_circuit(n, dice);
    const Program plain = qsim::compile(circuit);
    const Program program = fused(plain);
    before += plain.steps.size();
    after += program.steps.size();
    const Vector in = dice.state(n);
    const auto check = [&] {
      compare_with_reference<double>(circuit, program, in);
      compare_with_reference<float>(circuit, program, in);
    };
    k % 10 == 0 ? reference::for_each_configuration(check) : check();
  }
  CHECK(after < before * 3 / 4);
}

TEST_CASE("wide circuits are fused when they are compiled", "[fuse]") {
  Dice dice(2);
  const int n = qsim::kLeastFusedQubits;
  const Circuit circuit = fusible_circuit(n, dice);
  const Program program = qsim::compile(circuit);
  CHECK(program.steps.size() == fused(program).steps.size());
  compare_with_reference<double>(circuit, program, dice.state(n));
}

TEST_CASE("a block of gates on a pair is one dense step, where it is cheaper", "[fuse]") {
  Circuit pair(3);
  for (int k = 0; k < 3; ++k) pair.u(0.1, 0.2, 0.3, 0).u(0.4, 0.5, 0.6, 2).cx(0, 2);
  const Program one = fused(qsim::compile(pair));
  REQUIRE(one.steps.size() == 1);
  CHECK(one.steps[0].targets == std::vector<qsim::Qubit>{0, 2});
  CHECK(one.steps[0].shape == Shape::kDense);
  CHECK_FALSE(one.steps[0].has_slots);
  CHECK(one.n_coefficients == 16);

  // Gates on single qubits share passes, and a layer of cx is one.
  Circuit layers(4);
  for (int k = 0; k < 4; ++k) {
    for (int q = 0; q < 4; ++q) layers.u(0.1, 0.2, 0.3, q);
    for (int q = k % 2; q + 1 < 4; q += 2) layers.cx(q, q + 1);
  }
  const Program plain = qsim::compile(layers);
  CHECK(fused(plain).steps.size() == plain.steps.size());

  // Two dense steps that share a qubit cost less than one on three qubits; three do not.
  Dice dice(3);
  Circuit chain = Circuit(3).unitary(dice.unitary(2), {0, 1}).unitary(dice.unitary(2), {1, 2});
  CHECK(fused(qsim::compile(chain)).steps.size() == 2);
  chain.unitary(dice.unitary(2), {0, 1});
  CHECK(fused(qsim::compile(chain)).steps.size() == 1);
}

TEST_CASE("parameters keep their steps, and gradients stay what they are", "[fuse]") {
  Dice dice(4);
  const int n = 4;
  for (int k = 0; k < 10; ++k) {
    Circuit circuit = fusible_circuit(n, dice);
    circuit.compose(reference::random_circuit(
        {.n_qubits = n, .n_gates = 8, .max_controls = 1, .named = true}, dice));
    circuit.compose(fusible_circuit(n, dice));
    const Program plain = qsim::compile(circuit, reference::some_observables(n, dice));
    const Program program = fused(plain);
    CHECK(program.steps.size() < plain.steps.size());
    const std::vector<double> weights = reference::some_values(plain.weights.size(), dice);
    for (const auto method : {qml::DiffMethod::kAdjoint, qml::DiffMethod::kParameterShift}) {
      const auto expected = qml::jacobian<double>(plain, {.weights = weights}, {.method = method});
      const auto found = qml::jacobian<double>(program, {.weights = weights}, {.method = method});
      CHECK(reference::largest_difference(found.values, expected.values) < 1e-12);
      CHECK(reference::largest_difference(found.weights, expected.weights) < 1e-11);
    }
  }
}

// Wide, so that the sweep back goes tile by tile.
TEST_CASE("the sweep back undoes fused steps", "[fuse]") {
  Dice dice(5);
  const int n = qsim::kLeastFusedQubits;
  const qsim::Parameter a("a");
  Circuit circuit = fusible_circuit(n, dice);
  circuit.rx(a, 0).rzz(a, 1, 2).compose(fusible_circuit(n, dice)).ry(2.0 * a, 3);
  circuit.compose(fusible_circuit(n, dice));
  const Program program = qsim::compile(circuit, reference::some_observables(n, dice));
  const std::vector<double> weights{0.7};
  const auto adjoint = qml::jacobian<double>(program, {.weights = weights});
  const auto shift = qml::jacobian<double>(program, {.weights = weights},
                                           {.method = qml::DiffMethod::kParameterShift});
  CHECK(reference::largest_difference(adjoint.weights, shift.weights) < 1e-11);
}

}  // namespace
