#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"
#include "qsim/compile/spectrum.h"
#include "qsim/compile/tape.h"
#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "qsim/json/json.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Binding;
using qsim::Circuit;
using qsim::Parameter;
using qsim::ParameterVector;
using qsim::PauliSum;
using qsim::Program;
using qsim::Shape;
using qsim::State;
using qsim::Step;
using qsim::ValueError;
using reference::contains;
using reference::Dice;
using reference::difference;
using reference::error_of;
using reference::kTolerance;
using reference::Matrix;
using reference::Values;
using reference::Vector;

using Names = std::vector<std::string>;

const Parameter kA("a");
const Parameter kB("b");

template <class T>
Binding<T> bound(const Program& program, const std::vector<double>& values) {
  Binding<T> out;
  qsim::bind_parameters(program, values, out);
  return out;
}

// The step as a matrix on its targets, read from its coefficients.
Matrix step_matrix(const Step& step, const Binding<double>& binding) {
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

std::vector<double> frequencies(const qsim::Slot& slot) {
  return qsim::frequencies(slot.eigenvalues, 100).value();
}

// The frequencies of the only slot of a circuit.
std::vector<double> frequencies(const Circuit& circuit) {
  const Program program = qsim::compile(circuit);
  REQUIRE(program.slots.size() == 1);
  return frequencies(program.slots.front());
}

void check_frequencies(const Circuit& circuit, const std::vector<double>& expected) {
  const std::vector<double> got = frequencies(circuit);
  REQUIRE(got.size() == expected.size());
  for (std::size_t k = 0; k < got.size(); ++k) CHECK(got[k] == Approx(expected[k]).epsilon(1e-12));
}

// How the expectation of a random observable depends on the only parameter: the residual of a
// least-squares fit of a Fourier series with the slot's frequencies.
double misfit(const Circuit& circuit, Dice& dice) {
  const std::vector<double> omega = frequencies(circuit);
  const Matrix o = dice.hermitian(circuit.n_qubits());
  const Vector start = dice.state(circuit.n_qubits());
  const Eigen::Index n_points = 40;
  Eigen::MatrixXd basis(n_points, 1 + 2 * std::ssize(omega));
  Eigen::VectorXd f(n_points);
  for (Eigen::Index k = 0; k < n_points; ++k) {
    const double theta = 0.4 * static_cast<double>(k);
    const Vector v = reference::apply(circuit, {{"a", theta}}, start);
    f(k) = v.dot(o * v).real();
    basis(k, 0) = 1;
    for (std::size_t w = 0; w < omega.size(); ++w) {
      basis(k, static_cast<Eigen::Index>(1 + 2 * w)) = std::cos(omega[w] * theta);
      basis(k, static_cast<Eigen::Index>(2 + 2 * w)) = std::sin(omega[w] * theta);
    }
  }
  const Eigen::VectorXd fit = basis.completeOrthogonalDecomposition().solve(f);
  return (basis * fit - f).cwiseAbs().maxCoeff();
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
      CHECK(difference(state, reference::simulate(circuit, values)) < kTolerance<T>);
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
    const auto binding = bound<double>(
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

TEST_CASE("parameters stand inputs first, then weights, vectors in their order", "[compile]") {
  const ParameterVector x("x", 2);
  const Circuit circuit = Circuit(2).rx(kB, 0).ry(x[1], 1).rz(kA * x[0], 0).rx(kB + kA, 1);
  const Program program = qsim::compile(circuit, {}, {"x[0]", "x[1]"});
  CHECK(program.inputs == Names{"x[0]", "x[1]"});
  CHECK(program.weights == Names{"b", "a"});
  CHECK(program.n_parameters() == 4);
  CHECK(qsim::compile(circuit).weights == Names{"b", "x[0]", "x[1]", "a"});
  CHECK(qsim::compile(circuit, {}, {"a", "b", "x[1]", "x[0]"}).weights.empty());
  const auto binding = bound<double>(program, {0.1, 0.2, 0.3, 0.4});
  State<double> state(2);
  qsim::run(program, binding, state);
  const Values values{{"x[0]", 0.1}, {"x[1]", 0.2}, {"b", 0.3}, {"a", 0.4}};
  CHECK(difference(state, reference::simulate(circuit, values)) < 1e-12);
}

TEST_CASE("inputs are parameters of the circuit, or elements of a vector that it uses",
          "[compile]") {
  const ParameterVector x("x", 4);
  const Circuit circuit = Circuit(1).rx(kA, 0).ry(x[2], 0).rz(x[0], 0);
  const auto inputs = [&circuit](const Names& names) {
    return qsim::compile(circuit, {}, names).inputs;
  };
  CHECK(inputs({}).empty());
  CHECK(inputs({"x[2]", "a"}) == Names{"x[2]", "a"});
  CHECK(inputs({"x[0]", "x[1]", "x[2]", "x[3]"}).size() == 4);  // columns 1 and 3 are not used
  CHECK(inputs({"a", "x[1]"}) == Names{"a", "x[1]"});
  CHECK(inputs({"x"}) == Names{"x[0]", "x[1]", "x[2]", "x[3]"});
  CHECK(inputs({"a", "x"}) == Names{"a", "x[0]", "x[1]", "x[2]", "x[3]"});
  const Circuit both = Circuit(1).rx(Parameter("x"), 0).ry(x[1], 0);
  CHECK(qsim::compile(both, {}, {"x"}).inputs == Names{"x"});
  CHECK(qsim::compile(circuit, {}, {"x"}).weights == Names{"a"});
}

TEST_CASE("weights are whole vectors by first appearance, or as they are listed", "[compile]") {
  const ParameterVector a("a", 2);
  const ParameterVector b("b", 3);
  const Circuit circuit = Circuit(1).rx(b[1], 0).ry(a[0], 0).rx(a[1], 0).ry(b[0], 0);
  CHECK(qsim::compile(circuit).weights == Names{"b[0]", "b[1]", "b[2]", "a[0]", "a[1]"});
  const auto weights = [&circuit](const Names& inputs, const Names& asked) {
    return qsim::compile(circuit, {}, inputs, asked).weights;
  };
  CHECK(weights({}, {"a", "b[1]", "b[0]"}) == Names{"a[0]", "a[1]", "b[1]", "b[0]"});
  CHECK(weights({"a"}, {"b"}) == Names{"b[0]", "b[1]", "b[2]"});
  CHECK(weights({"a"}, {"b[1]", "c", "b[0]"}) == Names{"b[1]", "c", "b[0]"});
  CHECK(qsim::by_appearance(circuit, {"a[0]"}) == Names{"b[1]", "a[1]", "b[0]"});
  const auto error = [&](const Names& inputs, const Names& asked) {
    return error_of<ValueError>([&] { (void)weights(inputs, asked); });
  };
  CHECK(contains(error({}, {"a"}), "'b[1]', which is not among the weights"));
  CHECK(contains(error({"a"}, {}), "neither among the inputs nor the weights"));
  CHECK(contains(error({"a"}, {"b", "a[1]"}), "'a[1]' is listed as an input and a weight"));
  CHECK(contains(error({}, {"a", "b", "b[1]"}), "'b[1]' is listed twice"));
}

TEST_CASE("inputs that the circuit lacks are refused with what it has", "[compile]") {
  const ParameterVector features("features", 2);
  const Circuit circuit = Circuit(1).rx(kA, 0).ry(features[1], 0).rz(features[0], 0);
  const auto error = [&circuit](const Names& names) {
    return error_of<ValueError>([&] { (void)qsim::compile(circuit, {}, names); });
  };
  const std::string misspelt = error({"a", "fetures[1]"});
  CHECK(contains(misspelt, "'fetures[1]'"));
  CHECK(contains(misspelt, "closest are 'features[1]', 'features[0]'"));
  CHECK(contains(error({"a", "b"}), "'b'"));
  CHECK(contains(error({"a", "y[0]"}), "'y[0]'"));
  CHECK(contains(error({"a", "features[-1]"}), "'features[-1]'"));
  CHECK(contains(error({"a", "features[x]"}), "'features[x]'"));
  CHECK(contains(error({"a", "features[1"}), "'features[1'"));
  CHECK(contains(error({"a", ""}), "''"));
  const std::string none = error({"features[2]", "features[3]"});
  CHECK(contains(none, "none of the inputs 'features[2]', 'features[3]' occurs"));
  CHECK(contains(none, "'features[1]'"));
  CHECK(contains(none, "'a'"));
  CHECK(contains(error({"a", "a"}), "'a' is listed twice"));
  CHECK(contains(error({"features", "features[0]"}), "'features[0]' is listed twice"));
  CHECK(contains(error_of<ValueError>([] { (void)qsim::compile(Circuit(1), {}, {"a"}); }),
                 "no parameters"));
  const Circuit far = Circuit(1).rx(Parameter("x[2000000]"), 0);
  CHECK(contains(error_of<ValueError>([&] { (void)qsim::compile(far, {}, {"x"}); }), "2000001"));
  CHECK(qsim::compile(far, {}, {"x[2000000]"}).inputs.size() == 1);
}

TEST_CASE("observables must fit the circuit", "[compile]") {
  const Circuit circuit(2);
  CHECK(qsim::compile(circuit, {PauliSum::parse("ZZ"), PauliSum::parse("X")}).observables.size() ==
        2);
  const std::string text =
      error_of<ValueError>([&] { (void)qsim::compile(circuit, {PauliSum::parse("ZZZ")}); });
  CHECK(contains(text, "3"));
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

TEST_CASE("the frequencies of rotations", "[compile]") {
  check_frequencies(Circuit(1).rx(kA, 0), {1});
  check_frequencies(Circuit(1).rz(kA, 0), {1});
  check_frequencies(Circuit(1).p(kA, 0), {1});
  check_frequencies(Circuit(2).cp(kA, 0, 1), {1});
  check_frequencies(Circuit(2).rzz(kA, 0, 1), {1});
  check_frequencies(Circuit(3).pauli_rotation(kA, "XYZ", {0, 1, 2}), {1});
  check_frequencies(Circuit(1).rx(3.0 * kA, 0), {1});  // of the gate's angle, not the parameter
}

TEST_CASE("the frequencies of controlled rotations", "[compile]") {
  check_frequencies(Circuit(2).crx(kA, 0, 1), {0.5, 1});
  check_frequencies(Circuit(2).cry(kA, 0, 1), {0.5, 1});
  check_frequencies(Circuit(2).crz(kA, 0, 1), {0.5, 1});
  check_frequencies(Circuit(2).rxx(kA, 0, 1).control(), {0.5, 1});
  Circuit open(2);
  open.gate("rx", {kA}, {0}, {{1, false}});
  check_frequencies(open, {0.5, 1});
}

TEST_CASE("the frequencies of phases", "[compile]") {
  check_frequencies(Circuit(1).pauli_rotation(kA, "I", {0}), {});  // a global phase
  check_frequencies(Circuit(2).pauli_rotation(kA, "II", {0, 1}), {});
  check_frequencies(Circuit(1).pauli_rotation(kA, "I", {0}).control(), {0.5});
  const auto three = qsim::compile(Circuit(1).u(kA, kA, kA, 0)).slots;
  REQUIRE(three.size() == 3);
  for (const qsim::Slot& slot : three) CHECK(frequencies(slot) == std::vector<double>{1});
}

TEST_CASE("the frequencies of an evolution are the gaps of its generator", "[compile]") {
  const auto diagonal = [](const std::vector<double>& entries) {
    qsim::Matrix out = qsim::Matrix::Zero(std::ssize(entries), std::ssize(entries));
    for (std::size_t k = 0; k < entries.size(); ++k) {
      out(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(k)) = entries[k];
    }
    return out;
  };
  check_frequencies(Circuit(2).evolution(kA, diagonal({0, 1, 3, 3}), {0, 1}), {1, 2, 3});
  check_frequencies(Circuit(1).evolution(kA, diagonal({-0.5, 0.5}), {0}), {1});
  check_frequencies(Circuit(1).evolution(kA, diagonal({2, 2}), {0}), {});
  check_frequencies(Circuit(1).evolution(kA, diagonal({2, 2}), {0}).control(), {2});
  const Matrix xy = (reference::pauli("XX") + reference::pauli("YY")) / 4;
  check_frequencies(Circuit(2).evolution(kA, xy, {0, 1}), {0.5, 1});
}

TEST_CASE("frequencies are counted before they are listed", "[compile]") {
  std::vector<double> powers;  // of four: all differences are distinct
  for (int k = 0; k < 12; ++k) powers.push_back(std::ldexp(1.0, 2 * k));
  CHECK(qsim::frequencies(powers, 66).value().size() == 66);
  CHECK(!qsim::frequencies(powers, 65).has_value());
  CHECK(!qsim::frequencies(powers, 10).has_value());
  std::vector<double> equidistant;
  for (int k = 0; k < 1000; ++k) equidistant.push_back(k % 100);
  CHECK(qsim::frequencies(equidistant, 99).value().size() == 99);
}

TEST_CASE("every gate's expectations are Fourier series in its frequencies", "[compile]") {
  Dice dice(3);
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (row.angles != 1 || !qsim::is_gate(row)) continue;
    for (int controls = 0; controls <= 2; ++controls) {
      qsim::Operation op = reference::random_operation(row, 3, 0, dice);
      if (op.targets.size() + static_cast<std::size_t>(controls) > 4) continue;
      op.angles = {kA};
      Circuit circuit = Circuit(3).add(op);
      if (controls > 0) circuit = circuit.control(controls);
      INFO(row.name << " with " << controls << " controls");
      CHECK(misfit(circuit, dice) < 1e-10);
    }
  }
}

TEST_CASE("bind refuses values that it cannot use", "[compile]") {
  const Program program = qsim::compile(Circuit(1).rx(kA, 0).ry(log(kB), 0), {}, {"a"});
  const auto error = [&program](const std::vector<double>& values) {
    Binding<double> binding;
    return error_of<ValueError>([&] { qsim::bind_parameters(program, values, binding); });
  };
  CHECK(contains(error({1}), "2 parameters, got 1"));
  CHECK(contains(error({1, 2, 3}), "got 3"));
  CHECK(contains(error({}), "got 0"));
  CHECK(contains(error({NAN, 1}), "'a' is nan"));
  CHECK(contains(error({1, -NAN}), "'b'"));
  CHECK(contains(error({1, INFINITY}), "'b' is inf"));
  CHECK(contains(error({1, -1}), "nan"));  // the logarithm
  CHECK(contains(error({1, 0}), "inf"));
  CHECK(contains(error({1, -1}), "'b' = -1"));
  CHECK(!contains(error({1, -1}), "'a'"));
  const Program amplitudes = qsim::compile(Circuit(1).initialize({sqrt(kA), 1.0}));
  CHECK(contains(error_of<ValueError>([&] {
                   Binding<double> binding;
                   qsim::bind_parameters(amplitudes, std::vector{-2.0}, binding);
                 }),
                 "amplitude's expression evaluates to"));
}

TEST_CASE("derivatives that are not finite name their parameters", "[compile]") {
  const auto gradient = [](const qsim::Expression& e, double a, double b, double seed) {
    qsim::Tape tape({"a", "b"});
    const auto entry = static_cast<std::size_t>(tape.add(e));
    std::vector<double> values(tape.size());
    tape.evaluate(std::vector{a, b}, values);
    std::vector<double> adjoints(tape.size(), 0.0);
    adjoints[entry] = seed;
    tape.reverse(values, adjoints);
    return std::pair(adjoints[0], adjoints[1]);
  };
  const auto error = [&](const qsim::Expression& e, double a, double b, double seed) {
    return error_of<ValueError>([&] { (void)gradient(e, a, b, seed); });
  };
  using Pair = std::pair<double, double>;
  for (const double seed : {1.0, 0.0}) {  // a zero adjoint too
    CHECK(contains(error(sqrt(kA), 0, 1, seed), "inf at 'a' = 0"));
    CHECK(contains(error(sqrt(kA * kB), 0, 1.5, seed), "'a' = 0, 'b' = 1.5"));
    CHECK(contains(error(pow(kA, 0.5) + kB, 0, 1, seed), "'a' = 0"));
    CHECK(contains(error(pow(sqrt(kA), 2.0), 0, 1, seed), "'a' = 0"));
    CHECK(contains(error(pow(kA, kB), -2, 2, seed), "'b' = 2"));  // ln(-2)
  }
  // Of what does not depend on a parameter, or on which nothing depends, no derivative is asked.
  CHECK(gradient(pow(kA, 2.0), -2, 1, 1.0) == Pair(-4.0, 0.0));
  CHECK(gradient(pow(0.0, kA), 2, 1, 1.0) == Pair(0.0, 0.0));
  CHECK(gradient(pow(-1.0, 2.0) * kA, 2, 1, 1.0) == Pair(1.0, 0.0));
  CHECK(gradient(0.0 * sqrt(kA) + kB, 0, 1, 1.0) == Pair(0.0, 1.0));
  CHECK(gradient(pow(sqrt(kA), 0.0) + kB, 0, 1, 1.0) == Pair(0.0, 1.0));
  CHECK(gradient(0.0 / (1.0 + sqrt(kA)) + kB, 0, 1, 1.0) == Pair(0.0, 1.0));
  CHECK(gradient(sqrt(kA), 4, 0, 1.0) == Pair(0.25, 0.0));
}

TEST_CASE("binding inputs again equals binding everything", "[compile]") {
  for (int k = 0; k < 10; ++k) {
    Dice dice(static_cast<std::uint64_t>(k));
    const Circuit circuit =
        reference::random_circuit({.n_qubits = 4, .n_gates = 40, .named = true}, dice);
    const Names all = circuit.parameters();
    const Names inputs(all.begin(), all.begin() + std::ssize(all) / 2);
    const Program program = qsim::compile(circuit, {}, inputs);
    std::vector<double> values(program.n_parameters());
    for (double& value : values) value = dice.uniform(-3, 3);
    auto binding = bound<double>(program, values);
    for (std::size_t i = 0; i < inputs.size(); ++i) values[i] = dice.uniform(-3, 3);
    qsim::bind_inputs(program, values, binding);
    const auto fresh = bound<double>(program, values);
    CHECK(binding.values == fresh.values);
    const bool same = binding.coefficients == fresh.coefficients;
    CHECK(same);
  }
}

TEST_CASE("shifting one slot moves one angle", "[compile]") {
  const Circuit circuit = Circuit(2).rx(kA, 0).ry(kA, 0).crz(2.0 * kA, 0, 1);
  const Program program = qsim::compile(circuit);
  const double a = 0.4;
  const double shift = 0.9;
  for (const Step& step : program.steps) {
    for (const qsim::Factor& factor : step.factors) {
      auto binding = bound<double>(program, {a});
      qsim::bind_shifted(program, step, factor.slot, shift, binding);
      const std::array<double, 3> angles{a + (factor.slot == 0 ? shift : 0),
                                         a + (factor.slot == 1 ? shift : 0),
                                         2 * a + (factor.slot == 2 ? shift : 0)};
      const Circuit expected = Circuit(2).rx(angles[0], 0).ry(angles[1], 0).crz(angles[2], 0, 1);
      State<double> state(2);
      qsim::run(program, binding, state);
      CHECK(difference(state, reference::simulate(expected)) < 1e-12);
    }
  }
}

TEST_CASE("simulate refuses missing and unknown values", "[compile]") {
  const Circuit circuit = Circuit(1).rx(kA, 0).ry(kB, 0);
  const auto error = [&circuit](const Values& values) {
    return error_of<ValueError>([&] { (void)qsim::simulate<double>(circuit, values); });
  };
  CHECK(contains(error({{"a", 1}}), "'b'"));
  CHECK(contains(error({{"a", 1}, {"b", 1}, {"c", 1}}), "'c'"));
  CHECK(contains(error({{"a", 1}, {"b", NAN}}), "'b' is nan"));
}

TEST_CASE("initialize sets amplitudes and normalises them", "[compile]") {
  const auto run = [](const Circuit& circuit, const Values& values = {}) {
    return reference::to_vector(qsim::simulate<double>(circuit, values));
  };
  const Vector v = run(Circuit(2).initialize({3.0, 0.0, 4.0}));
  CHECK(v(0).real() == Approx(0.6));
  CHECK(v(2).real() == Approx(0.8));
  CHECK(v(3) == 0.0);
  const Circuit named = Circuit(2).initialize({kA, -1.0, kA * kB}).ry(kA, 1).cx(1, 0);
  const Values values{{"a", 0.3}, {"b", -2}};
  CHECK(difference(run(named, values), reference::simulate(named, values)) < 1e-12);
  CHECK(difference(qsim::simulate<float>(named, values), reference::simulate(named, values)) <
        5e-6);
}

TEST_CASE("initialize takes complex amplitudes", "[compile]") {
  using C = qsim::Complex;
  const std::vector<C> amplitudes{{3.0, 0.0}, {0.0, 4.0}, {-1.0, 2.0}};
  Circuit circuit(3);
  circuit.initialize_complex(amplitudes);
  const auto check = [&](const auto& state, double tolerance) {
    const Vector v = reference::to_vector(state);
    for (std::size_t k = 0; k < 8; ++k) {
      const C expected = k < amplitudes.size() ? amplitudes[k] / std::sqrt(30.0) : C(0);
      CHECK(std::abs(v(static_cast<Eigen::Index>(k)) - expected) < tolerance);
    }
  };
  check(qsim::simulate<double>(circuit, {}), 1e-15);
  check(qsim::simulate<float>(circuit, {}), 1e-6);
  CHECK(qsim::circuit_from_json_text(qsim::to_json_text(circuit)) == circuit);
  const auto refused = [](const std::vector<C>& values) {
    return error_of<ValueError>([&] { Circuit(1).initialize_complex(values); });
  };
  CHECK(contains(refused({}), "got 0"));
  CHECK(contains(refused({1.0, 1.0, 1.0}), "takes 1 to 2^1 amplitudes, got 3"));
  CHECK(contains(refused({1.0, C(0, NAN)}), "amplitude 1 is 0+nanj"));
}

TEST_CASE("amplitudes that are all zero leave the state as it was", "[compile]") {
  const Program program = qsim::compile(Circuit(1).initialize({kA, 2.0 * kA}));
  const auto binding = bound<double>(program, {0});
  State<double> state(1);
  state.set_basis(1);
  CHECK(contains(error_of<ValueError>([&] { qsim::prepare(program, binding, state); }), "norm 0"));
  CHECK(state.amplitude(1) == 1.0);
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
