#include <algorithm>
#include <cmath>
#include <numbers>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/held_vjp.h"
#include "qml/derivatives/shift/rule.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

using qml::Batch;
using qml::DiffMethod;
using qml::Gradients;
using qml::Quantity;
using reference::Case;
using reference::Dice;
using reference::largest_difference;
using reference::same_bits;
using reference::some_values;

namespace {

template <class T>
Gradients jacobian(const Case& c, DiffMethod method, Quantity quantity = Quantity::kExpval) {
  return qml::jacobian<T>(c.program, c.batch, {.method = method, .quantity = quantity});
}

constexpr Quantity kQuantities[] = {Quantity::kExpval, Quantity::kVariance, Quantity::kProbs,
                                    Quantity::kState};

// n qubits, rx ry rz on each and a ring of CNOTs, n_layers times.
qsim::Circuit layered(int n_qubits, int n_layers) {
  qsim::Circuit c(n_qubits);
  int k = 0;
  const auto next = [&k] { return qsim::Parameter("w" + std::to_string(k++)); };
  for (int layer = 0; layer < n_layers; ++layer) {
    for (int q = 0; q < n_qubits; ++q) c.rx(next(), q).ry(next(), q).rz(next(), q);
    for (int q = 0; q < n_qubits; ++q) c.cx(q, (q + 1) % n_qubits);
  }
  return c;
}

}  // namespace

TEST_CASE("Adjoint, parameter shift and finite differences agree on random circuits") {
  reference::for_each_target([] {
    Dice dice(11);
    for (int trial = 0; trial < 25; ++trial) {
      const Case c(3 + trial % 3, dice);
      for (const Quantity quantity : kQuantities) {
        INFO(qsim::name_of(quantity));
        const Gradients adjoint = jacobian<double>(c, DiffMethod::kAdjoint, quantity);
        const Gradients difference = jacobian<double>(c, DiffMethod::kFiniteDifference, quantity);
        CHECK(same_bits(adjoint.values, qml::evaluate<double>(c.program, c.batch, quantity)));
        CHECK(largest_difference(adjoint, difference) < 2e-6);
        if (quantity == Quantity::kState) continue;  // has no shift rule
        const Gradients shift = jacobian<double>(c, DiffMethod::kParameterShift, quantity);
        CHECK(largest_difference(adjoint.values, shift.values) < 1e-12);
        CHECK(largest_difference(adjoint, shift) < 1e-10);
      }
    }
  });
}

TEST_CASE("Gradients in single precision") {
  Dice dice(12);
  for (int trial = 0; trial < 10; ++trial) {
    const Case c(4, dice);
    for (const Quantity quantity : kQuantities) {
      INFO(qsim::name_of(quantity));
      const Gradients exact = jacobian<double>(c, DiffMethod::kAdjoint, quantity);
      for (const DiffMethod method : {DiffMethod::kAdjoint, DiffMethod::kParameterShift}) {
        if (method == DiffMethod::kParameterShift && quantity == Quantity::kState) continue;
        const Gradients single = jacobian<float>(c, method, quantity);
        CHECK(largest_difference(exact, single) < 5e-4);
      }
    }
  }
}

TEST_CASE("A vector-Jacobian product is the cotangent times the Jacobian") {
  Dice dice(13);
  for (int trial = 0; trial < 10; ++trial) {
    const Case c(4, dice);
    for (const Quantity quantity : kQuantities) {
      INFO(qsim::name_of(quantity));
      const std::vector<double> cotangent = some_values(qsim::n_values(c.program, quantity), dice);
      const Gradients j = jacobian<double>(c, DiffMethod::kAdjoint, quantity);
      const Gradients v = qml::vjp<double>(c.program, c.batch, cotangent, quantity);
      CHECK(same_bits(j.values, v.values));
      for (std::size_t p = 0; p < v.weights.size(); ++p) {
        double expected = 0;
        for (std::size_t k = 0; k < cotangent.size(); ++k) {
          expected += cotangent[k] * j.weights[k * v.weights.size() + p];
        }
        CHECK(v.weights[p] == Approx(expected).margin(1e-11));
      }
    }
  }
}

TEST_CASE("A way back from states that were held has the bits of one run") {
  Dice dice(17);
  for (int trial = 0; trial < 10; ++trial) {
    const Case c(3 + trial % 3, dice);
    for (const Quantity quantity : {Quantity::kExpval, Quantity::kProbs}) {
      const auto values = qml::evaluate<double>(c.program, c.batch, quantity);
      const auto cotangent = some_values(values.size(), dice);
      const Gradients expected = qml::vjp<double>(c.program, c.batch, cotangent, quantity);
      qml::HeldVjp<double> held(c.program, c.batch, quantity);
      CHECK(held.is_held());
      CHECK(largest_difference({held.values().begin(), held.values().end()}, values) < 1e-13);
      CHECK(held.is_of(c.batch));
      std::vector<double> moved(c.batch.weights.begin(), c.batch.weights.end());
      if (!moved.empty()) {
        moved.back() += 1e-9;
        Batch other = c.batch;
        other.weights = moved;
        CHECK_FALSE(held.is_of(other));
      }
      CHECK_THROWS_AS(held.back({}), qsim::ValueError);
      const Gradients found = held.back(cotangent);
      CHECK(same_bits(found.inputs, expected.inputs));
      CHECK(same_bits(found.weights, expected.weights));
    }
  }
}

TEST_CASE("The gradient of a variance keeps its digits beside a large mean") {
  qsim::Circuit circuit(1);
  circuit.ry(qsim::Parameter("a"), 0);
  const qsim::Program program = qsim::compile(circuit, {qsim::PauliSum::parse("Z0 + 1000")});
  const std::vector<double> at{0.7};
  const Batch batch{.weights = at};
  // Var = 1 − cos²a.
  for (const DiffMethod method : {DiffMethod::kAdjoint, DiffMethod::kParameterShift}) {
    const auto gradient =
        qml::jacobian<float>(program, batch, {.method = method, .quantity = Quantity::kVariance});
    CHECK(gradient.weights[0] == Approx(std::sin(1.4)).margin(1e-3));
  }
}

TEST_CASE("A batch equals its samples one by one, with the same bits for any number of threads") {
  Dice dice(14);
  constexpr std::size_t kSize = 37;
  for (const int n_qubits : {3, 11}) {
    const Case c(n_qubits, dice);
    const std::vector<double> inputs = some_values(kSize * c.program.inputs.size(), dice);
    const std::vector<double> cotangent = some_values(kSize * c.program.observables.size(), dice);
    const Batch batch{.size = kSize, .inputs = inputs, .weights = c.weights};
    qsim::set_num_threads(1);
    const Gradients one = qml::vjp<double>(c.program, batch, cotangent);
    for (const int threads : {2, 3}) {
      qsim::set_num_threads(threads);
      const Gradients many = qml::vjp<double>(c.program, batch, cotangent);
      CHECK(same_bits(one.values, many.values));
      CHECK(same_bits(one.inputs, many.inputs));
      CHECK(same_bits(one.weights, many.weights));
    }
    qsim::set_num_threads(0);
    const std::size_t n_inputs = c.program.inputs.size();
    const std::size_t n = c.program.observables.size();
    std::vector<double> weights(c.program.weights.size());
    for (std::size_t i = 0; i < kSize; ++i) {
      const Batch single{.inputs = std::span(inputs).subspan(i * n_inputs, n_inputs),
                         .weights = c.weights};
      const Gradients g =
          qml::vjp<double>(c.program, single, std::span(cotangent).subspan(i * n, n));
      for (std::size_t k = 0; k < n_inputs; ++k) {
        CHECK(g.inputs[k] == Approx(one.inputs[i * n_inputs + k]).margin(1e-12));
      }
      for (std::size_t k = 0; k < weights.size(); ++k) weights[k] += g.weights[k];
    }
    CHECK(largest_difference(weights, one.weights) < 1e-11);
  }
}

TEST_CASE("Gradients of wide states have the same bits for any number of threads") {
  const qsim::Program program =
      qsim::compile(layered(17, 2), {qsim::PauliSum::parse("Z0 + X16", 17)});
  Dice dice(15);
  const std::vector<double> weights = some_values(program.weights.size(), dice);
  const Batch batch{.weights = weights};
  const std::vector<double> cotangent{1.0};
  qsim::set_num_threads(1);
  const Gradients one = qml::vjp<double>(program, batch, cotangent);
  qsim::set_num_threads(2);
  const Gradients two = qml::vjp<double>(program, batch, cotangent);
  qsim::set_num_threads(0);
  CHECK(same_bits(one.weights, two.weights));
  const Gradients difference =
      qml::jacobian<double>(program, batch, {.method = DiffMethod::kFiniteDifference});
  CHECK(largest_difference(one.weights, difference.weights) < 1e-6);
}

TEST_CASE("Amplitude inputs are differentiated through their normalisation") {
  qsim::Circuit c(2);
  const qsim::ParameterVector x("x", 3);
  c.initialize({x[0], x[1], x[2]}).ry(qsim::Parameter("w"), 0).swap(0, 1).cx(0, 1);
  const qsim::Program program = qsim::compile(
      c, {qsim::PauliSum::parse("ZX"), qsim::PauliSum::parse("IZ")}, {"x[0]", "x[1]", "x[2]"});
  const std::vector<double> inputs{0.3, -1.2, 2.0};
  const std::vector<double> weights{0.4};
  const Batch batch{.inputs = inputs, .weights = weights};
  const Gradients adjoint = qml::jacobian<double>(program, batch);
  const Gradients difference =
      qml::jacobian<double>(program, batch, {.method = DiffMethod::kFiniteDifference});
  CHECK(largest_difference(adjoint, difference) < 1e-8);
  CHECK_THROWS_AS(qml::jacobian<double>(program, batch, {.method = DiffMethod::kParameterShift}),
                  qsim::ValueError);
  for (const Quantity quantity : kQuantities) {
    INFO(qsim::name_of(quantity));
    const Gradients a = qml::jacobian<double>(program, batch, {.quantity = quantity});
    const Gradients d = qml::jacobian<double>(
        program, batch, {.method = DiffMethod::kFiniteDifference, .quantity = quantity});
    CHECK(largest_difference(a, d) < 1e-8);
  }
}

TEST_CASE("Wide states are differentiated part by part") {
  const int n = 17;
  const qsim::Program program =
      qsim::compile(layered(n, 1), {qsim::PauliSum::parse("Z0 + X16", n)});
  Dice dice(18);
  const std::vector<double> weights = some_values(program.weights.size(), dice);
  const Batch batch{.weights = weights};
  for (const Quantity quantity : {Quantity::kVariance, Quantity::kProbs, Quantity::kState}) {
    INFO(qsim::name_of(quantity));
    const std::vector<double> cotangent = some_values(qsim::n_values(program, quantity), dice);
    const auto value = [&](std::size_t moved, double by) {
      std::vector<double> at = weights;
      at[moved] += by;
      const auto values = qml::evaluate<double>(program, {.weights = at}, quantity);
      double sum = 0;
      for (std::size_t k = 0; k < values.size(); ++k) sum += cotangent[k] * values[k];
      return sum;
    };
    const Gradients gradient = qml::vjp<double>(program, batch, cotangent, quantity);
    for (const std::size_t k : {std::size_t{0}, weights.size() - 1}) {
      const double slope = (value(k, 1e-5) - value(k, -1e-5)) / 2e-5;
      CHECK(gradient.weights[k] == Approx(slope).margin(1e-5));
    }
  }
}

TEST_CASE("Shift rules are exact for their frequencies") {
  const auto two = qml::shift_rule({1.0});
  REQUIRE(two.size() == 2);
  CHECK(two[0].coefficient == Approx(0.5));
  CHECK(two[0].shift == Approx(std::numbers::pi / 2));

  // Anselmetti et al. 2021: c₁ = (√2+1)/(4√2) at π/2 and −c₂ = −(√2−1)/(4√2) at 3π/2.
  const auto four = qml::shift_rule({0.5, 1.0});
  REQUIRE(four.size() == 4);
  const double root = std::numbers::sqrt2;
  CHECK(four[0].shift == Approx(std::numbers::pi / 2));
  CHECK(four[0].coefficient == Approx((root + 1) / (4 * root)));
  CHECK(four[2].shift == Approx(3 * std::numbers::pi / 2));
  CHECK(four[2].coefficient == Approx(-(root - 1) / (4 * root)));

  Dice dice(16);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<double> frequencies;
    double f = 0;
    for (int k = 0; k < 1 + trial % 5; ++k) frequencies.push_back(f += dice.uniform(0.3, 1.5));
    const auto rule = qml::shift_rule(frequencies);
    double derivative = 0;
    double expected = 0;
    const double at = dice.uniform(-3, 3);
    for (const double w : frequencies) {
      const double a = dice.normal();
      const double b = dice.normal();
      for (const auto& [c, s] : rule) {
        derivative += c * (a * std::sin(w * (at + s)) + b * std::cos(w * (at + s)));
      }
      expected += w * (a * std::cos(w * at) - b * std::sin(w * at));
    }
    CHECK(derivative == Approx(expected).margin(1e-8));
  }
  CHECK_THROWS_AS(qml::shift_rule({1.0, 0.5}), qsim::ValueError);
  CHECK_THROWS_AS(qml::shift_rule({0.0}), qsim::ValueError);
}

TEST_CASE("Gradients from shots are unbiased and seeded") {
  const qsim::Program program = qsim::compile(layered(2, 1), {qsim::PauliSum::parse("ZZ")});
  Dice dice(17);
  const std::vector<double> weights = some_values(program.weights.size(), dice);
  const Batch batch{.weights = weights};
  const Gradients exact = qml::jacobian<double>(program, batch);
  qml::JacobianOptions options{.method = DiffMethod::kParameterShift, .shots = 100};
  constexpr int kSeeds = 400;
  std::vector<double> mean(weights.size());
  for (int seed = 0; seed < kSeeds; ++seed) {
    options.seed = static_cast<std::uint64_t>(seed);
    const Gradients g = qml::jacobian<double>(program, batch, options);
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += g.weights[k] / kSeeds;
  }
  // A two-term estimate has a standard deviation of at most √(2·1/100)/2; five of them here.
  const double bound = 5 * std::sqrt(0.02) / 2 / std::sqrt(double{kSeeds});
  CHECK(largest_difference(mean, exact.weights) < bound);
  CHECK(same_bits(qml::jacobian<double>(program, batch, options).weights,
                  qml::jacobian<double>(program, batch, options).weights));
}

TEST_CASE("Gradients of frequencies from shots are unbiased") {
  const qsim::Program program = qsim::compile(layered(2, 1));
  Dice dice(19);
  const std::vector<double> weights = some_values(program.weights.size(), dice);
  const Batch batch{.weights = weights};
  const Gradients exact = qml::jacobian<double>(program, batch, {.quantity = Quantity::kProbs});
  qml::JacobianOptions options{
      .method = DiffMethod::kParameterShift, .shots = 100, .quantity = Quantity::kProbs};
  constexpr int kSeeds = 400;
  std::vector<double> mean(exact.weights.size());
  for (int seed = 0; seed < kSeeds; ++seed) {
    options.seed = static_cast<std::uint64_t>(seed);
    const Gradients g = qml::jacobian<double>(program, batch, options);
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += g.weights[k] / kSeeds;
  }
  // Each of two frequencies has a variance of at most 1/(4·100), and a coefficient of ½.
  CHECK(largest_difference(mean, exact.weights) <
        5 * std::sqrt(2.0 / 400) / 2 / std::sqrt(double{kSeeds}));
}

TEST_CASE("A slope that is not finite is refused even where its adjoint is zero") {
  qsim::Circuit c(1);
  c.rx(sqrt(qsim::Parameter("w")), 0);
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("Z")});
  const std::vector<double> zero{0.0};
  const std::vector<double> one{1.0};
  const Batch batch{.weights = zero};
  const auto check = [](const auto& differentiate) {
    CHECK(reference::contains(reference::error_of<qsim::ValueError>(differentiate), "'w' = 0"));
  };
  check([&] { (void)qml::vjp<double>(program, batch, one); });
  check([&] { (void)qml::jacobian<double>(program, batch); });
  check([&] {
    (void)qml::jacobian<double>(program, batch, {.method = DiffMethod::kParameterShift});
  });
}

TEST_CASE("Differentiation refuses what it cannot do") {
  const qsim::Program program = qsim::compile(layered(2, 1), {qsim::PauliSum::parse("ZZ")});
  const qsim::Program bare = qsim::compile(layered(2, 1));
  const std::vector<double> weights(6, 0.1);
  const Batch batch{.weights = weights};
  using qsim::ValueError;
  CHECK_THROWS_AS(qml::expval<double>(bare, batch), ValueError);
  CHECK_THROWS_AS(qml::jacobian<double>(program, batch, {.shots = 10}), ValueError);
  CHECK_THROWS_AS(qml::expval<double>(program, batch, {.shots = 0}), ValueError);
  CHECK_THROWS_AS(qml::expval<double>(program, Batch{.size = 0, .weights = weights}), ValueError);
  CHECK_THROWS_AS(qml::expval<double>(program, Batch{}), ValueError);
  const std::vector<double> cotangent{NAN};
  CHECK_THROWS_AS(qml::vjp<double>(program, batch, cotangent), ValueError);
  CHECK_THROWS_AS(qml::diff_method("backprop"), ValueError);
  CHECK_THROWS_AS(qml::quantity("entropy"), ValueError);
  const auto shift = [&](Quantity quantity, std::optional<std::int64_t> shots) {
    return reference::error_of<ValueError>([&] {
      (void)qml::jacobian<double>(
          program, batch,
          {.method = DiffMethod::kParameterShift, .shots = shots, .quantity = quantity});
    });
  };
  CHECK(reference::contains(shift(Quantity::kVariance, 10), "variance is exact"));
  CHECK(reference::contains(shift(Quantity::kState, {}), "no parameter-shift rule"));
  CHECK_THROWS_AS(qml::vjp<double>(bare, batch, std::vector{1.0}, Quantity::kVariance), ValueError);
  CHECK_THROWS_AS(qml::vjp<double>(bare, batch, std::vector{1.0}, Quantity::kProbs), ValueError);
  CHECK_NOTHROW(qml::vjp<double>(bare, batch, std::vector(4, 1.0), Quantity::kProbs));
}

TEST_CASE("Gradients larger than memory are refused before they are allocated") {
  qsim::Circuit c(40);
  c.rx(qsim::Parameter("a"), 0);
  const qsim::Program program = qsim::compile(c);
  const std::vector<double> at{0.1};
  const Batch batch{.weights = at};
  const qml::CotangentsOf never = [](std::size_t, std::size_t, std::span<const double>,
                                     std::span<double>) {};
  for (const Quantity quantity : {Quantity::kProbs, Quantity::kState}) {
    CHECK_THROWS_AS(qml::evaluate<double>(program, batch, quantity), qsim::MemoryError);
    CHECK_THROWS_AS(qml::vjp<double>(program, batch, never, quantity), qsim::MemoryError);
    CHECK_THROWS_AS(qml::jacobian<double>(program, batch, {.quantity = quantity}),
                    qsim::MemoryError);
  }
}

TEST_CASE("Parameter shift takes a generator with any number of frequencies") {
  const int n = 6;  // 64 eigenvalues with 2016 differences
  Dice dice(20);
  qsim::Circuit c(n);
  c.evolution(qsim::Parameter("t"), dice.hermitian(n), {0, 1, 2, 3, 4, 5});
  const qsim::Program program = qsim::compile(c, {qsim::PauliSum::parse("Z0", n)});
  const std::vector<double> at{0.3};
  const Batch batch{.weights = at};
  const Gradients shifted =
      qml::jacobian<double>(program, batch, {.method = DiffMethod::kParameterShift});
  const Gradients adjoint = qml::jacobian<double>(program, batch);
  const Gradients difference =
      qml::jacobian<double>(program, batch, {.method = DiffMethod::kFiniteDifference});
  CHECK(largest_difference(adjoint.weights, difference.weights) < 1e-6);
  CHECK(largest_difference(adjoint.weights, shifted.weights) < 1e-11);
}
