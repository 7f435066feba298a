#include "qsim/circuit/circuit.h"

#include <array>

#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::IndexError;
using qsim::Operation;
using qsim::Parameter;
using qsim::ValueError;
using reference::contains;
using reference::Dice;
using reference::difference;
using reference::Matrix;
using reference::Values;

constexpr double kExact = 1e-12;

// The body throws E, its text has the part, and the circuit is as it was.
template <class E, class Body>
void check_refused(Circuit& circuit, std::string_view part, const Body& body) {
  const Circuit before = circuit;
  const std::string text = reference::error_of<E>(body);
  INFO(text);
  CHECK(contains(text, part));
  CHECK(circuit == before);
}

Matrix matrix_of(const Circuit& circuit, const Values& values = {}) {
  return qsim::unitary(circuit, values);
}

}  // namespace

TEST_CASE("qubit 0 is the least significant bit of a basis index", "[circuit]") {
  const auto basis_state = [](const Circuit& circuit) {
    const auto p = qsim::simulate<double>(circuit).probabilities();
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (p[i] == 1) return static_cast<int>(i);
    }
    return -1;
  };
  CHECK(basis_state(Circuit(3).x(0)) == 1);
  CHECK(basis_state(Circuit(3).x(1)) == 2);
  CHECK(basis_state(Circuit(3).x(2)) == 4);
  CHECK(basis_state(Circuit(3).x(0).x(2)) == 0b101);
  CHECK(basis_state(Circuit(3).x(0).cx(0, 1)) == 0b011);  // controls come first
  CHECK(basis_state(Circuit(3).x(1).cx(0, 1)) == 0b010);
}

TEST_CASE("the first target is the least significant bit of a matrix index", "[circuit]") {
  // |01⟩ → |10⟩ on (first target, second target) as (bit 0, bit 1): 1 → 2.
  qsim::Matrix shift = qsim::Matrix::Zero(4, 4);
  for (int k = 0; k < 4; ++k) shift((k + 1) % 4, k) = 1;
  const auto state = qsim::simulate<double>(Circuit(3).x(2).unitary(shift, {2, 0}));
  CHECK(state.amplitude(0b001) == 1.0);  // 1 on (2, 0) becomes 2: qubit 0 set, qubit 2 not
}

TEST_CASE("a circuit has 1 to 100 000 qubits", "[circuit]") {
  CHECK_THROWS_AS(Circuit(0), ValueError);
  CHECK_THROWS_AS(Circuit(-3), ValueError);
  CHECK(contains(reference::error_of<ValueError>([] { Circuit(100'001); }), "100001"));
  CHECK(Circuit(100'000).h(99'999).n_qubits() == 100'000);
}

TEST_CASE("a new circuit is empty and the identity", "[circuit]") {
  const Circuit circuit(2);
  CHECK(circuit.size() == 0);
  CHECK(circuit.depth() == 0);
  CHECK(circuit.parameters().empty());
  CHECK(difference(matrix_of(circuit), Matrix::Identity(4, 4)) == 0);
}

TEST_CASE("methods chain and mirror the gate table", "[circuit]") {
  const Circuit a = Circuit(3).h(0).cx(0, 1).crz(0.5, 1, 2).u(0.1, 0.2, 0.3, 2).ccx(2, 1, 0);
  Circuit b(3);
  b.gate("h", {}, {0}).gate("cx", {}, {0, 1}).gate("crz", {0.5}, {1, 2});
  b.gate("u", {0.1, 0.2, 0.3}, {2}).gate("ccx", {}, {2, 1, 0});
  CHECK(a == b);
  CHECK_FALSE(a == Circuit(3).h(0));
}

TEST_CASE("more controls add to those of the name", "[circuit]") {
  Circuit circuit(4);
  circuit.gate("cx", {}, {0, 1}, {{2, false}, {3, true}});
  const Operation& op = circuit.operations().front();
  CHECK(op.controls == std::vector<qsim::Control>{{0, true}, {2, false}, {3, true}});
  CHECK(difference(matrix_of(circuit), reference::unitary(circuit)) < kExact);
}

TEST_CASE("add refuses qubits out of range", "[circuit]") {
  Circuit circuit = Circuit(5).h(0);
  check_refused<IndexError>(circuit, "qubit 7 is out of range for 5", [&] { circuit.x(7); });
  check_refused<IndexError>(circuit, "5", [&] { circuit.x(5); });
  check_refused<IndexError>(circuit, "-1", [&] { circuit.x(-1); });
  check_refused<IndexError>(circuit, "9", [&] { circuit.cx(9, 0); });
  check_refused<IndexError>(circuit, "62", [&] { circuit.pauli_rotation(0.1, "XX", {0, 62}); });
  check_refused<IndexError>(circuit, "1000000", [&] { circuit.x(1000000); });
}

TEST_CASE("add refuses a qubit that is used twice", "[circuit]") {
  Circuit circuit = Circuit(3).h(0);
  check_refused<ValueError>(circuit, "qubit 1", [&] { circuit.cx(1, 1); });
  check_refused<ValueError>(circuit, "qubit 2", [&] { circuit.swap(2, 2); });
  check_refused<ValueError>(circuit, "qubit 0", [&] { circuit.ccx(0, 0, 1); });
  check_refused<ValueError>(circuit, "qubit 0", [&] {
    circuit.gate("x", {}, {1}, {{0, true}, {0, false}});
  });
  check_refused<ValueError>(circuit, "twice", [&] { circuit.pauli_rotation(1, "ZZ", {1, 1}); });
}

TEST_CASE("add refuses the wrong number of angles or qubits", "[circuit]") {
  Circuit circuit = Circuit(3).h(0);
  check_refused<ValueError>(circuit, "angle", [&] { circuit.gate("rx", {}, {0}); });
  check_refused<ValueError>(circuit, "angle", [&] { circuit.gate("rx", {1, 2}, {0}); });
  check_refused<ValueError>(circuit, "angle", [&] { circuit.gate("x", {1}, {0}); });
  check_refused<ValueError>(circuit, "angle", [&] { circuit.gate("u", {1, 2}, {0}); });
  check_refused<ValueError>(circuit, "2 qubit", [&] { circuit.gate("cx", {}, {0}); });
  check_refused<ValueError>(circuit, "2 qubit", [&] { circuit.gate("swap", {}, {0, 1, 2}); });
  check_refused<ValueError>(circuit, "qubit", [&] { circuit.gate("x", {}, {}); });
  check_refused<ValueError>(circuit, "no gate", [&] { circuit.gate("", {}, {0}); });
  check_refused<ValueError>(circuit, "nonsense", [&] { circuit.gate("nonsense", {}, {0}); });
  check_refused<ValueError>(circuit, "gate", [&] { circuit.add({}); });
}

TEST_CASE("angles must be finite", "[circuit]") {
  Circuit circuit = Circuit(1).h(0);
  check_refused<ValueError>(circuit, "nan", [&] { circuit.rx(NAN, 0); });
  check_refused<ValueError>(circuit, "inf", [&] { circuit.rx(INFINITY, 0); });
  check_refused<ValueError>(circuit, "inf", [&] { circuit.u(0.0, -INFINITY, 0.0, 0); });
}

TEST_CASE("add refuses matrices of the wrong shape or kind", "[circuit]") {
  using qsim::Matrix;
  Circuit circuit = Circuit(3).h(0);
  const Matrix two = Matrix::Identity(2, 2);
  check_refused<ValueError>(circuit, "4 x 4", [&] { circuit.unitary(two, {0, 1}); });
  check_refused<ValueError>(circuit, "2 x 3", [&] { circuit.unitary(Matrix::Zero(2, 3), {0}); });
  check_refused<ValueError>(circuit, "0 x 0", [&] { circuit.unitary({}, {0}); });
  check_refused<ValueError>(circuit, "not unitary", [&] { circuit.unitary(2.0 * two, {0}); });
  check_refused<ValueError>(circuit, "finite", [&] { circuit.unitary(NAN * two, {0}); });
  check_refused<ValueError>(circuit, "qubit", [&] { circuit.unitary(two, {}); });
  Matrix skew = two;
  skew(0, 1) = 1;
  check_refused<ValueError>(circuit, "not Hermitian", [&] { circuit.evolution(1, skew, {0}); });
  check_refused<ValueError>(circuit, "4 x 4", [&] { circuit.evolution(1, two, {0, 1}); });
  check_refused<ValueError>(circuit, "finite", [&] { circuit.evolution(1, INFINITY * two, {0}); });
  const Operation bare{.row = &qsim::gate_row("unitary"), .targets = {0}};
  check_refused<ValueError>(circuit, "no matrix", [&] { circuit.add(bare); });
}

TEST_CASE("add refuses what a gate does not carry", "[circuit]") {
  Circuit circuit = Circuit(2).h(0);
  Operation x{.row = &qsim::gate_row("x"), .targets = {1}};
  x.pauli = "X";
  check_refused<ValueError>(circuit, "Pauli string", [&] { circuit.add(x); });
  x.pauli.clear();
  x.matrix = std::make_shared<const qsim::Matrix>(qsim::Matrix::Identity(2, 2));
  check_refused<ValueError>(circuit, "matrix", [&] { circuit.add(x); });
}

TEST_CASE("add refuses Pauli rotations that do not fit", "[circuit]") {
  Circuit circuit = Circuit(3).h(0);
  check_refused<ValueError>(circuit, "2 letters", [&] { circuit.pauli_rotation(1, "XX", {0}); });
  check_refused<ValueError>(circuit, "'Q'", [&] { circuit.pauli_rotation(1, "XQ", {0, 1}); });
  check_refused<ValueError>(circuit, "qubit", [&] { circuit.pauli_rotation(1, "", {}); });
}

TEST_CASE("initialize comes first, once and alone", "[circuit]") {
  Circuit circuit = Circuit(2).h(0);
  check_refused<ValueError>(circuit, "first", [&] { circuit.initialize({1.0}); });
  Circuit fresh(2);
  check_refused<ValueError>(fresh, "amplitudes", [&] { fresh.initialize({}); });
  check_refused<ValueError>(fresh, "got 5", [&] { fresh.initialize({1, 1, 1, 1, 1}); });
  fresh.initialize({0.0, 1.0});
  check_refused<ValueError>(fresh, "first", [&] { fresh.initialize({1.0}); });
  CHECK_THROWS_AS(fresh.inverse(), ValueError);
  CHECK_THROWS_AS(fresh.control(), ValueError);
  CHECK_THROWS_AS(fresh.repeat(2), ValueError);
  check_refused<ValueError>(circuit, "first", [&] { circuit.compose(fresh); });
  const Operation none{.row = &qsim::gate_row("initialize"), .angles = {1.0}};
  Circuit empty(2);
  check_refused<ValueError>(empty, "at least one qubit", [&] { empty.add(none); });
}

TEST_CASE("initialize composed onto some qubits leaves the others in |0>", "[circuit]") {
  Circuit circuit(3);
  circuit.compose(Circuit(2).initialize({0.0, 3.0, 4.0}), std::vector<int>{2, 0});
  const auto state = qsim::simulate<double>(circuit);
  CHECK(state.amplitude(4).real() == Approx(0.6));  // qubit 2 was qubit 0 of the smaller circuit
  CHECK(state.amplitude(1).real() == Approx(0.8));
  CHECK(state.norm() == Approx(1.0));
}

TEST_CASE("compose puts qubits where it is told", "[circuit]") {
  Dice dice(1);
  const Circuit inner = reference::random_circuit({.n_qubits = 3, .n_gates = 15}, dice);
  for (const auto& qubits : reference::arrangements(3, 4)) {
    Circuit outer = Circuit(4).h(0);
    outer.compose(inner, qubits);
    const Matrix expected = reference::embed(reference::unitary(inner), qubits, {}, 4) *
                            reference::unitary(Circuit(4).h(0));
    CHECK(difference(matrix_of(outer), expected) < kExact);
  }
  Circuit same = Circuit(4).h(3);
  same.compose(inner);
  CHECK(difference(matrix_of(same), reference::embed(reference::unitary(inner), {0, 1, 2}, {}, 4) *
                                        reference::unitary(Circuit(4).h(3))) < kExact);
  Circuit twice = inner;
  twice.compose(twice);
  CHECK(twice == inner.repeat(2));
}

TEST_CASE("compose refuses what does not fit and changes nothing", "[circuit]") {
  Circuit circuit = Circuit(2).h(0);
  const Circuit three = Circuit(3).x(0).x(2);
  const std::array<int, 2> two_qubits{0, 1};
  const std::array<int, 3> too_high{0, 1, 2};
  const std::array<int, 3> repeated{0, 1, 1};
  check_refused<ValueError>(circuit, "3-qubit", [&] { circuit.compose(three); });
  check_refused<ValueError>(circuit, "2 qubits", [&] { circuit.compose(three, two_qubits); });
  check_refused<IndexError>(circuit, "qubit 2", [&] { circuit.compose(three, too_high); });
  check_refused<ValueError>(circuit, "twice", [&] { circuit.compose(three, repeated); });
}

TEST_CASE("repeat multiplies a circuit", "[circuit]") {
  Dice dice(2);
  const Circuit circuit = reference::random_circuit({.n_qubits = 3, .n_gates = 10}, dice);
  const Matrix u = matrix_of(circuit);
  CHECK(circuit.repeat(0).size() == 0);
  CHECK(circuit.repeat(1) == circuit);
  CHECK(difference(matrix_of(circuit.repeat(3)), u * u * u) < kExact);
  CHECK(contains(reference::error_of<ValueError>([&] { (void)circuit.repeat(-1); }), "-1"));
}

TEST_CASE("the inverse undoes any circuit", "[circuit]") {
  for (int k = 0; k < 10; ++k) {
    Dice dice(static_cast<std::uint64_t>(k));
    const Circuit circuit =
        reference::random_circuit({.n_qubits = 4, .n_gates = 30, .named = true}, dice);
    const Values values = reference::random_values(circuit, dice);
    CHECK(difference(matrix_of(circuit.inverse(), values), matrix_of(circuit, values).adjoint()) <
          kExact);
    Circuit both = circuit;
    both.compose(circuit.inverse());
    CHECK(difference(matrix_of(both, values), Matrix::Identity(16, 16)) < kExact);
  }
}

TEST_CASE("control adds controls above the circuit's qubits", "[circuit]") {
  Dice dice(3);
  const Circuit circuit = reference::random_circuit({.n_qubits = 3, .n_gates = 20}, dice);
  const Matrix u = reference::unitary(circuit);
  const std::array<bool, 2> values{true, false};
  CHECK(difference(matrix_of(circuit.control()), reference::embed(u, {0, 1, 2}, {{3, true}}, 4)) <
        kExact);
  CHECK(difference(matrix_of(circuit.control(2)),
                   reference::embed(u, {0, 1, 2}, {{3, true}, {4, true}}, 5)) < kExact);
  CHECK(difference(matrix_of(circuit.control(values)),
                   reference::embed(u, {0, 1, 2}, {{3, true}, {4, false}}, 5)) < kExact);
  CHECK_THROWS_AS(circuit.control(0), ValueError);
  CHECK_THROWS_AS(circuit.control(-1), ValueError);
  CHECK_THROWS_AS(circuit.control(63), ValueError);
  CHECK_THROWS_AS(circuit.control(std::span<const bool>()), ValueError);
}

TEST_CASE("a global phase matters under a control", "[circuit]") {
  const Circuit phase = Circuit(1).pauli_rotation(0.8, "I", {0});
  const Matrix expected = reference::embed(reference::unitary(phase), {0}, {{1, true}}, 2);
  CHECK(difference(matrix_of(phase.control()), expected) < kExact);
}

TEST_CASE("parameters stand by first appearance, vectors in their own order", "[circuit]") {
  const Parameter a("a");
  const Parameter b("b");
  const Parameter c("c");
  const Circuit circuit = Circuit(2).rx(b, 0).u(c * 2.0, b, a + b, 1).ry(c, 0);
  CHECK(circuit.parameters() == std::vector<std::string>{"b", "c", "a"});
  const qsim::ParameterVector w("w", 3);
  const Circuit vector = Circuit(1).rx(w[2], 0).ry(a * w[0], 0);
  CHECK(vector.parameters() == std::vector<std::string>{"w[0]", "w[1]", "w[2]", "a"});
  CHECK(vector.used_parameters() == std::vector<Parameter>{w[2], a, w[0]});
  CHECK(vector.assign({{"w[2]", 0.5}}).parameters() ==
        std::vector<std::string>{"a", "w[0]", "w[1]", "w[2]"});
  CHECK(Parameter("v[12]").vector() == "v");
  CHECK(Parameter("v[12]").index == 12);
  CHECK(Parameter("v[012]").vector().empty());
  CHECK(w[1].vector_size == 3);
  CHECK_THROWS_AS(Parameter("w", 3, 3), qsim::ValueError);
}

TEST_CASE("assign replaces parameters by numbers and expressions", "[circuit]") {
  const Parameter a("a");
  const Parameter b("b");
  const Circuit circuit = Circuit(2).rx(a, 0).crz(a * b, 0, 1).ry(b, 1);
  const Circuit numbers = circuit.assign({{"a", 0.3}, {"b", -0.7}});
  CHECK(numbers.parameters().empty());
  CHECK(difference(matrix_of(numbers), matrix_of(circuit, {{"a", 0.3}, {"b", -0.7}})) < kExact);
  const Circuit partly = circuit.assign({{"b", 2.0 * a}});
  CHECK(partly.parameters() == std::vector<std::string>{"a"});
  CHECK(difference(matrix_of(partly, {{"a", 0.3}}), matrix_of(circuit, {{"a", 0.3}, {"b", 0.6}})) <
        kExact);
  // All at once: the new a is not replaced again.
  const Circuit swapped = circuit.assign({{"a", b}, {"b", a}});
  CHECK(difference(matrix_of(swapped, {{"a", -0.7}, {"b", 0.3}}),
                   matrix_of(circuit, {{"a", 0.3}, {"b", -0.7}})) < kExact);
  CHECK(contains(reference::error_of<ValueError>([&] {
                   (void)circuit.assign({{"zz", 1.0}});
                 }),
                 "zz"));
}

TEST_CASE("depth is the longest chain of operations that share qubits", "[circuit]") {
  CHECK(Circuit(3).h(0).h(1).h(2).depth() == 1);
  CHECK(Circuit(3).h(0).cx(0, 1).cx(1, 2).depth() == 3);
  CHECK(Circuit(4).cx(0, 1).cx(2, 3).depth() == 1);
  CHECK(Circuit(4).cx(0, 1).cx(2, 3).x(1).ccx(0, 1, 3).depth() == 3);
  Circuit open(3);
  open.gate("x", {}, {0}, {{2, false}}).h(2);
  CHECK(open.depth() == 2);
}

TEST_CASE("gates are counted by the name people know", "[circuit]") {
  Circuit circuit(4);
  circuit.h(0).cx(0, 1).cx(1, 2).ccx(0, 1, 2).rz(0.1, 0).crz(0.1, 0, 1).cswap(0, 1, 2);
  circuit.gate("x", {}, {0}, {{1, true}});          // a cx by another way
  circuit.gate("x", {}, {0}, {{1, false}});         // no alias fits a control on 0
  circuit.gate("ccx", {}, {0, 1, 2}, {{3, true}});  // nor three controls
  const std::map<std::string, int> expected{{"h", 1},   {"cx", 3},    {"ccx", 1}, {"rz", 1},
                                            {"crz", 1}, {"cswap", 1}, {"x", 2}};
  CHECK(circuit.count_gates() == expected);
}

TEST_CASE("common_name knows every row and alias", "[circuit]") {
  Dice dice(4);
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (!qsim::is_gate(row)) continue;
    CHECK(qsim::common_name(reference::random_operation(row, 4, 0, dice)) == row.name);
  }
}

TEST_CASE("integer powers of a circuit keep its parameters", "[circuit]") {
  const Circuit circuit = Circuit(2).rx(Parameter("a"), 0).cx(0, 1).ry(0.3, 1);
  const Values values{{"a", 0.9}};
  const Matrix u = matrix_of(circuit, values);
  CHECK(qsim::power(circuit, 0) == Circuit(2));
  CHECK(qsim::power(circuit, 1) == circuit);
  CHECK(qsim::power(circuit, -1) == circuit.inverse());
  CHECK(qsim::power(circuit, 3).parameters() == std::vector<std::string>{"a"});
  CHECK(difference(matrix_of(qsim::power(circuit, 3), values), u * u * u) < kExact);
  CHECK(difference(matrix_of(qsim::power(circuit, -2), values), (u * u).adjoint()) < kExact);
}

TEST_CASE("fractional powers of a circuit are those of its matrix", "[circuit]") {
  Dice dice(5);
  const Circuit circuit =
      reference::random_circuit({.n_qubits = 3, .n_gates = 10, .named = true}, dice);
  const Values values = reference::random_values(circuit, dice);
  const Matrix third = matrix_of(qsim::power(circuit, 1.0 / 3, values));
  CHECK(difference(third * third * third, matrix_of(circuit, values)) < 1e-11);
  const Matrix back = matrix_of(qsim::power(circuit, -0.5, values));
  CHECK(difference(back * back * matrix_of(circuit, values), Matrix::Identity(8, 8)) < 1e-11);
  CHECK_THROWS_AS(qsim::power(circuit, 0.5), ValueError);  // needs values
  CHECK_THROWS_AS(qsim::power(circuit, NAN), ValueError);
  CHECK_THROWS_AS(qsim::power(circuit, INFINITY), ValueError);
}

TEST_CASE("a power may be much larger than its gates", "[circuit]") {
  const Circuit circuit = Circuit(1).rz(1e-3, 0);
  CHECK(difference(matrix_of(qsim::power(circuit, 1000)), matrix_of(Circuit(1).rz(1.0, 0))) <
        1e-11);
}

TEST_CASE("a number that no int holds is no qubit", "[circuit]") {
  Circuit circuit(2);
  const std::uint64_t wide = (std::uint64_t{1} << 32U) + 1;  // as an int it would be qubit 1
  check_refused<ValueError>(circuit, "4294967297", [&] { circuit.h(wide); });
  check_refused<ValueError>(circuit, "-4294967296",
                            [&] { circuit.cx(0, -(std::int64_t{1} << 32)); });
  check_refused<ValueError>(circuit, "4294967295", [&] { circuit.rx(0.5, 0xffffffffU); });
  check_refused<IndexError>(circuit, "-1", [&] { circuit.x(-1); });
  CHECK_THROWS_AS(Circuit(std::size_t{1} << 40U), ValueError);
}
