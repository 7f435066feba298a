#include "qsim/compile/bind.h"

#include <array>
#include <cmath>
#include <utility>

#include "qsim/compile/program.h"
#include "qsim/compile/tape.h"
#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "qsim/json/json.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::Program;
using qsim::ValueError;
using reference::bound;
using reference::contains;
using reference::difference;
using reference::error_of;
using reference::Values;

const qsim::Parameter kA("a");
const qsim::Parameter kB("b");

}  // namespace

TEST_CASE("bind refuses values that it cannot use", "[compile]") {
  const Program program = qsim::compile(Circuit(1).rx(kA, 0).ry(log(kB), 0), {}, {"a"});
  const auto error = [&program](const std::vector<double>& values) {
    qsim::Binding<double> binding;
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
                   qsim::Binding<double> binding;
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
    reference::Dice dice(static_cast<std::uint64_t>(k));
    const Circuit circuit =
        reference::random_circuit({.n_qubits = 4, .n_gates = 40, .named = true}, dice);
    const std::vector<std::string> all = circuit.parameters();
    const std::vector<std::string> inputs(all.begin(), all.begin() + std::ssize(all) / 2);
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
  for (const qsim::Step& step : program.steps) {
    for (const qsim::Factor& factor : step.factors) {
      auto binding = bound<double>(program, {a});
      qsim::bind_shifted(program, step, factor.slot, shift, binding);
      const std::array<double, 3> angles{a + (factor.slot == 0 ? shift : 0),
                                         a + (factor.slot == 1 ? shift : 0),
                                         2 * a + (factor.slot == 2 ? shift : 0)};
      const Circuit expected = Circuit(2).rx(angles[0], 0).ry(angles[1], 0).crz(angles[2], 0, 1);
      qsim::State<double> state(2);
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
  const reference::Vector v = run(Circuit(2).initialize({3.0, 0.0, 4.0}));
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
    const reference::Vector v = reference::to_vector(state);
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
  qsim::State<double> state(1);
  state.set_basis(1);
  CHECK(contains(error_of<ValueError>([&] { qsim::prepare(program, binding, state); }), "norm 0"));
  CHECK(state.amplitude(1) == 1.0);
}
