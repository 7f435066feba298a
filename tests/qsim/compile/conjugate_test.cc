#include "qsim/compile/conjugate.h"

#include <vector>

#include "qsim/compile/program.h"
#include "qsim/engines/execute.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

namespace {

using qsim::Circuit;
using qsim::Parameter;
using reference::Dice;
using reference::kTolerance;
using reference::Vector;

std::vector<qsim::Primitive> lowered(const Circuit& circuit) {
  std::vector<qsim::Primitive> out;
  for (const auto& op : circuit.operations()) {
    for (auto& primitive : lower(op)) out.push_back(std::move(primitive));
  }
  return out;
}

std::size_t n_left(const Circuit& circuit) {
  return qsim::with_parities(lowered(circuit), circuit.n_qubits()).size();
}

// Rotations between cx, nested, with gates in between that may stand in the way.
Circuit conjugated_circuit(int n_qubits, Dice& dice) {
  Circuit out(n_qubits);
  const auto angle = [&dice] { return dice.uniform(-4, 4); };
  for (int k = 0; k < 10; ++k) {
    const auto q = dice.qubits(3, n_qubits);
    const int depth = 1 + dice.below(2);
    for (int j = 0; j < depth; ++j) out.cx(q[static_cast<std::size_t>(j)], q[2]);
    switch (dice.below(6)) {
      case 0:
        out.p(angle(), q[2]).rz(angle(), q[2]);
        break;
      case 1:
        out.gate("p", {angle()}, {q[2]}).rzz(angle(), q[0], q[2]);
        break;
      case 2:
        out.rz(angle(), q[2]).rx(angle(), q[0]);
        break;
      case 3:
        out.rz(angle(), q[2]).cp(angle(), q[1], q[2]);
        break;
      case 4:
        out.pauli_rotation(angle(), "ZZZ", q);
        break;
      default:
        out.p(angle(), q[2]).h(q[1]);
    }
    for (int j = depth; j-- > 0;) out.cx(q[static_cast<std::size_t>(j)], q[2]);
  }
  return out;
}

TEST_CASE("rotations between equal cx are rotations of longer strings", "[conjugate]") {
  CHECK(n_left(Circuit(2).cx(0, 1).rz(0.3, 1).cx(0, 1)) == 1);
  CHECK(n_left(Circuit(2).cx(0, 1).p(0.3, 1).cx(0, 1)) == 2);  // and a phase
  CHECK(n_left(Circuit(3).cx(0, 1).cx(1, 2).rz(0.3, 2).cx(1, 2).cx(0, 1)) == 1);
  CHECK(n_left(Circuit(2).cx(0, 1).rz(0.3, 1).p(0.2, 1).rzz(0.1, 0, 1).cx(0, 1)) == 4);
  const auto found =
      qsim::with_parities(lowered(Circuit(3).cx(0, 1).cx(1, 2).rz(0.3, 2).cx(1, 2).cx(0, 1)), 3);
  CHECK(found.front().pauli == qsim::PauliString{0, 7});
  // All the phases are one.
  Circuit map(3);
  for (int q = 0; q < 3; ++q) {
    map.cx(q, (q + 1) % 3).p(Parameter{"a"}, (q + 1) % 3).cx(q, (q + 1) % 3);
  }
  CHECK(n_left(map) == 4);
}

TEST_CASE("what stands between cx and rotations keeps them", "[conjugate]") {
  CHECK(n_left(Circuit(2).cx(0, 1).rx(0.3, 1).cx(0, 1)) == 3);
  CHECK(n_left(Circuit(2).cx(0, 1).rz(0.3, 1).cx(1, 0)) == 3);
  CHECK(n_left(Circuit(2).cx(0, 1).rz(0.3, 1).x(0).cx(0, 1)) == 4);
  CHECK(n_left(Circuit(2).cx(0, 1).cx(0, 1)) == 2);
  CHECK(n_left(Circuit(3).cx(0, 1).rz(0.3, 1).cx(2, 1).cx(0, 1)) == 4);
  CHECK(n_left(Circuit(2).rz(0.3, 1).cx(0, 1)) == 2);
}

template <class T>
void compare_with_reference(const Circuit& circuit, const Vector& in) {
  const qsim::Program program = qsim::compile(circuit);
  qsim::State<T> state = reference::to_state<T>(in);
  qsim::run_steps(program, reference::bound<T>(program), state);
  CHECK(reference::difference(state, reference::apply(circuit, {}, in)) < 10 * kTolerance<T>);
}

TEST_CASE("programs with parities agree with the reference, phases too", "[conjugate]") {
  Dice dice(1);
  std::size_t before = 0;
  std::size_t after = 0;
  for (int k = 0; k < 60; ++k) {
    const int n = 3 + dice.below(5);
    const Circuit circuit = conjugated_circuit(n, dice);
    before += lowered(circuit).size();
    after += n_left(circuit);
    const Vector in = dice.state(n);
    compare_with_reference<double>(circuit, in);
    compare_with_reference<float>(circuit, in);
  }
  CHECK(after < before * 4 / 5);
}

}  // namespace
