#include <cmath>
#include <sstream>

#include "qsim/compile/program.h"
#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::PauliSum;
using qsim::Program;
using qsim::Shape;
using qsim::State;
using qsim::Step;
using qsim::ValueError;
using reference::Dice;
using reference::difference;
using reference::Matrix;
using reference::Values;
using reference::Vector;

const qsim::Parameter kA("a");
const qsim::Parameter kB("b");

// The step as a matrix on its targets, read from its coefficients.
Matrix step_matrix(const Step& step, const qsim::Binding<double>& binding) {
  const auto c = binding.of(step);
  const auto size = static_cast<Eigen::Index>(std::size_t{1} << step.targets.size());
  Matrix out = Matrix::Zero(size, size);
  for (Eigen::Index row = 0; row < size; ++row) {
    const auto r = static_cast<std::size_t>(row);
    if (step.shape == Shape::kDiagonal) {
      out(row, row) = c[r];
    } else if (step.shape == Shape::kPermutation) {
      out(row, step.source[r]) = c[r];
    } else {
      for (Eigen::Index column = 0; column < size; ++column) {
        out(row, column) = c[r * static_cast<std::size_t>(size) + static_cast<std::size_t>(column)];
      }
    }
  }
  return out;
}

std::vector<Shape> shapes(const Circuit& circuit) {
  std::vector<Shape> out;
  for (const Step& step : qsim::compile(circuit).steps) out.push_back(step.shape);
  return out;
}

template <class T>
void check_random_circuits() {
  for (int n = 1; n <= 6; ++n) {
    for (int k = 0; k < 10; ++k) {
      Dice dice(static_cast<std::uint64_t>(10 * n + k));
      const Circuit circuit =
          reference::random_circuit({.n_qubits = n, .n_gates = 50, .named = true}, dice);
      const Values values = reference::random_values(circuit, dice);
      const State<T> state = qsim::simulate<T>(circuit, values);
      CHECK(difference(state, reference::simulate(circuit, values)) < reference::kTolerance<T>);
    }
  }
}

}  // namespace

TEST_CASE("compiled circuits agree with the reference", "[compile]") {
  check_random_circuits<float>();
  check_random_circuits<double>();
}

TEST_CASE("gates on one qubit in a row are one step", "[compile]") {
  const Program program = qsim::compile(Circuit(2).h(0).rx(kA, 0).x(1).t(0).sdg(0).ry(kB, 0));
  CHECK(program.steps.size() == 2);
  CHECK(qsim::compile(Circuit(2).h(0).cx(0, 1).h(0)).steps.size() == 3);
  CHECK(qsim::compile(Circuit(3).h(0).cx(1, 2).h(0)).steps.size() == 2);
  CHECK(qsim::compile(Circuit(1).u(kA, kB, 0.1, 0).u(0.1, 0.2, 0.3, 0)).steps.size() == 1);
  CHECK(qsim::compile(Circuit(3)).steps.empty());
}

TEST_CASE("the matrix chooses the shape of a step", "[compile]") {
  CHECK(shapes(Circuit(1).h(0)) == std::vector{Shape::kDense});
  CHECK(shapes(Circuit(1).rz(kA, 0).t(0)) == std::vector{Shape::kDiagonal});
  CHECK(shapes(Circuit(1).p(kA, 0)) == std::vector{Shape::kDiagonal});
  CHECK(shapes(Circuit(2).cz(0, 1)) == std::vector{Shape::kDiagonal});
  CHECK(shapes(Circuit(2).cx(0, 1)) == std::vector{Shape::kPermutation});
  CHECK(shapes(Circuit(2).swap(0, 1)) == std::vector{Shape::kPermutation});
  CHECK(shapes(Circuit(2).ch(0, 1)) == std::vector{Shape::kDense});
  CHECK(shapes(Circuit(2).rxx(kA, 0, 1)) == std::vector{Shape::kRotation});
  CHECK(shapes(Circuit(2).unitary(qsim::Matrix::Identity(4, 4), {0, 1})) ==
        std::vector{Shape::kDiagonal});
}

TEST_CASE("swaps are moved to the front, where prepared states do not need them", "[compile]") {
  const Circuit circuit = Circuit(3).ry(kA, 0).swap(0, 2).cx(2, 1).swap(2, 1).rzz(kB, 0, 2);
  const Program program = qsim::compile(circuit);
  REQUIRE(program.n_leading == 2);
  REQUIRE(program.steps.size() == 5);
  CHECK(program.steps[2].targets == std::vector<qsim::Qubit>{1});
  CHECK(program.steps[3].controls.mask == qsim::bit(1));
  CHECK(program.steps[3].targets == std::vector<qsim::Qubit>{2});
  CHECK(program.steps[4].pauli.z == 0b101);
  // A swap under a control stays where it is.
  CHECK(qsim::compile(Circuit(3).h(0).cswap(0, 1, 2)).n_leading == 0);

  Dice dice(31);
  const Values values{{"a", 0.7}, {"b", -0.4}};
  for (const int n : {3, 5, 8}) {
    Circuit wide(n);
    for (int k = 0; k < 12; ++k) {
      const auto q = dice.qubits(2, n);
      dice.coin() ? wide.swap(q[0], q[1]) : wide.ry(kA * k, q[0]).cx(q[0], q[1]).rz(kB, q[1]);
    }
    const Vector any = dice.state(n);
    State<double> state = reference::to_state<double>(any);
    qsim::apply(wide, values, state);
    CHECK(reference::difference(state, reference::apply(wide, values, any)) < 1e-13);
    const Circuit prepared =
        Circuit(n).initialize({0.6, kA, kB, 0.0, -1.5, 0.2, 2.0, 0.1}).compose(wide);
    const Vector zero = Vector::Unit(any.size(), 0);
    CHECK(reference::difference(qsim::simulate<double>(prepared, values),
                                reference::apply(prepared, values, zero)) < 1e-13);
  }
}

TEST_CASE("a step's coefficients are the product of its factors", "[compile]") {
  for (int k = 0; k < 20; ++k) {
    Dice dice(static_cast<std::uint64_t>(k));
    const Circuit circuit =
        reference::random_circuit({.n_qubits = 4, .n_gates = 40, .named = true}, dice);
    const Program program = qsim::compile(circuit);
    const auto binding = reference::bound<double>(
        program, qsim::ordered_values(program, reference::random_values(circuit, dice)));
    for (const Step& step : program.steps) {
      if (step.shape == Shape::kRotation) continue;
      const Matrix got = step_matrix(step, binding);
      Matrix expected = Matrix::Identity(got.rows(), got.cols());
      for (const qsim::Factor& factor : step.factors) {
        const double angle = factor.slot < 0 ? 0 : binding.angle(program, factor.slot);
        expected = (qsim::factor_matrix(factor, step.targets.size(), angle) * expected).eval();
      }
      CHECK(difference(got, expected) < 1e-12);
    }
  }
}

TEST_CASE("observables must fit the circuit", "[compile]") {
  const Circuit circuit(2);
  CHECK(qsim::compile(circuit, {PauliSum::parse("ZZ"), PauliSum::parse("X")}).observables.size() ==
        2);
  const std::string text = reference::error_of<ValueError>(
      [&] { (void)qsim::compile(circuit, {PauliSum::parse("ZZZ")}); });
  CHECK(reference::contains(text, "3"));
  const qsim::MatrixObservable matrix(qsim::Matrix::Identity(2, 2), {2});
  CHECK_THROWS_AS(qsim::compile(circuit, {matrix}), ValueError);
}

TEST_CASE("steps know whether they depend on parameters and on inputs", "[compile]") {
  const Circuit circuit = Circuit(4).h(0).rx(kA, 1).ry(kB, 2).rz(kA * kB, 3).cx(0, 1);
  const Program program = qsim::compile(circuit, {}, {"a"});
  for (const Step& step : program.steps) {
    if (step.targets.size() != 1 || step.controls.mask != 0) continue;
    const int q = step.targets.front();
    INFO("qubit " << q);
    CHECK(step.has_slots == (q > 0));
    CHECK(step.needs_inputs == (q == 1 || q == 3));
  }
}

TEST_CASE("a circuit acts on an existing state", "[compile]") {
  Dice dice(8);
  const Circuit circuit =
      reference::random_circuit({.n_qubits = 3, .n_gates = 20, .named = true}, dice);
  const Values values = reference::random_values(circuit, dice);
  const Vector v = dice.state(5);  // more qubits than the circuit
  State<double> state = reference::to_state<double>(v);
  qsim::apply(circuit, values, state);
  const Matrix u = reference::embed(reference::unitary(circuit, values), {0, 1, 2}, {}, 5);
  CHECK(difference(state, u * v) < 1e-12);
}

TEST_CASE("a circuit that cannot act leaves the state as it was", "[compile]") {
  State<double> state(2);
  const auto before = state.amplitudes();
  CHECK_THROWS_AS(qsim::apply(Circuit(3).h(0), {}, state), ValueError);
  CHECK_THROWS_AS(qsim::apply(Circuit(2).h(0).rx(kA, 0), {}, state), ValueError);
  CHECK_THROWS_AS(qsim::apply(Circuit(2).h(0).rx(kA, 0), {{"a", NAN}}, state), ValueError);
  CHECK_THROWS_AS(qsim::apply(Circuit(2).initialize({0.0, 1.0}), {}, state), ValueError);
  CHECK(state.amplitudes() == before);
}

TEST_CASE("the matrix of a circuit agrees with the reference", "[compile]") {
  for (int n = 1; n <= 5; ++n) {
    Dice dice(static_cast<std::uint64_t>(n));
    const Circuit circuit =
        reference::random_circuit({.n_qubits = n, .n_gates = 30, .named = true}, dice);
    const Values values = reference::random_values(circuit, dice);
    CHECK(difference(qsim::unitary(circuit, values), reference::unitary(circuit, values)) < 1e-12);
  }
  CHECK_THROWS_AS(qsim::unitary(Circuit(13)), ValueError);
  CHECK_THROWS_AS(qsim::unitary(Circuit(1).initialize({1.0})), ValueError);
}

TEST_CASE("steps that are the identity change nothing, on wide states too", "[compile]") {
  constexpr int kQubits = 18;
  Circuit circuit(kQubits);
  for (int q = 0; q < kQubits; ++q) circuit.rz(0.0, q).p(0.0, q);
  const auto state = qsim::simulate<double>(Circuit(kQubits).h(3).compose(circuit));
  CHECK(std::abs(state.amplitude(0) - 1 / std::sqrt(2.0)) < 1e-12);
  CHECK(std::abs(state.amplitude(8) - 1 / std::sqrt(2.0)) < 1e-12);
}

TEST_CASE("a rotation by the identity is a phase that costs no step", "[compile]") {
  const qsim::Parameter a("a");
  const Circuit gates = Circuit(3).h(1).cx(1, 2);
  const Circuit circuit =
      Circuit(3).h(1).pauli_rotation(a, "II", {0, 2}).cx(1, 2).pauli_rotation(0.4, "I", {1});
  // The first goes with the h; the last finds no gate on any qubit waiting.
  CHECK(qsim::compile(circuit).steps.size() == qsim::compile(gates).steps.size() + 1);
  const Circuit led = Circuit(3).pauli_rotation(a, "I", {2}).h(0).cx(0, 1);
  CHECK(qsim::compile(led).steps.size() == 2);
  const auto expected = qsim::simulate<double>(gates);
  const auto found = qsim::simulate<double>(circuit, {{"a", 0.6}});
  const auto phase = std::polar(1.0, -0.5);
  for (qsim::Index i = 0; i < expected.size(); ++i) {
    CHECK(std::abs(found.amplitude(i) - phase * expected.amplitude(i)) < 1e-14);
  }
  const Circuit controlled =
      Circuit(2).h(0).pauli_rotation(a, "I", {1}, {qsim::Control{.qubit = 0}});
  CHECK(difference(qsim::unitary(controlled, {{"a", 0.6}}),
                   reference::unitary(controlled, {{"a", 0.6}})) < 1e-14);
}

TEST_CASE("a program prints what it is of", "[compile]") {
  const qsim::ParameterVector x("x", 2);
  const Circuit circuit = Circuit(2).rx(x[0], 0).ry(x[1], 1).cx(0, 1).rx(kA, 0);
  std::ostringstream out;
  out << qsim::compile(circuit, {"ZI", "IX"}, x) << '\n' << PauliSum::parse("0.5*Z0 - X1");
  CHECK(out.str() == "2 qubits, 4 steps, 2 inputs, 1 weights, 2 observables\n0.5*IZ - XI");
}
