#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/estimate.h"
#include "qml/derivatives/evaluate.h"
#include "qsim/compile/light_cone.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/batch_run.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

// What the light cones of observables give, against the dense reference and the whole program.

using Catch::Matchers::Matches;
using qml::Quantity;
using qsim::Circuit;
using qsim::EngineKind;
using qsim::Program;
using reference::Batched;
using reference::Dice;
using reference::largest_difference;

namespace {

constexpr double kAnyCost = std::numeric_limits<double>::infinity();

// The program, told to run by light cones, whatever they cost.
Program in_cones(Program program) {
  program.cones = qsim::light_cones(program, kAnyCost);
  REQUIRE(program.cones);
  program.engine = EngineKind::kCones;
  return program;
}

// Observables on one and two qubits each, whose cones differ.
std::vector<qsim::Observable> local_observables(int n_qubits, Dice& dice) {
  std::vector<qsim::Observable> out{
      qsim::PauliSum::parse("Z0 + 0.5*X1 - 0.3*Y0 Y1 + 0.25", n_qubits),
      qsim::PauliSum::parse(qsim::concat("0.7*Z", n_qubits - 1), n_qubits),
      qsim::PauliSum::parse("0.4", n_qubits), qsim::PauliSum(n_qubits, {}),
      qsim::MatrixObservable(dice.hermitian(1), {n_qubits - 1})};
  for (int q = 0; q < n_qubits; ++q) {
    out.emplace_back(qsim::PauliSum::parse(qsim::concat("XYZ"[dice.below(3)], q), n_qubits));
  }
  return out;
}

// A shallow circuit, so that cones are small, with gates of every kind.
Circuit shallow(int n_qubits, Dice& dice) {
  return reference::random_circuit({.n_qubits = n_qubits,
                                    .n_gates = 3 + dice.below(2 * n_qubits),
                                    .max_controls = dice.below(3),
                                    .named = true},
                                   dice);
}

template <class Body>
void for_shallow(int count, std::uint64_t seed, const Body& body) {
  Dice dice(seed);
  for (int trial = 0; trial < count; ++trial) {
    const int n = 2 + dice.below(6);
    const auto size = static_cast<std::size_t>(1 + dice.below(trial % 3 == 0 ? 20 : 4));
    Circuit circuit = shallow(n, dice);
    auto observables = local_observables(n, dice);
    const Batched one(std::move(circuit), std::move(observables), size, dice.coin(), dice);
    INFO("trial " << trial << ", " << n << " qubits, " << size << " samples");
    body(one, dice);
  }
}

template <class T>
void check_values(std::uint64_t seed) {
  for_shallow(60, seed, [](const Batched& one, Dice&) {
    const auto found = qml::expval<T>(in_cones(one.program), one.batch);
    const std::size_t n = one.program.observables.size();
    for (std::size_t sample = 0; sample < one.batch.size; ++sample) {
      const reference::Vector psi = reference::simulate(one.circuit, one.values(sample));
      for (std::size_t k = 0; k < n; ++k) {
        const auto matrix = reference::observable(one.program.observables[k], one.program.n_qubits);
        CHECK(std::abs(found[sample * n + k] - psi.dot(matrix * psi).real()) <
              10 * reference::kTolerance<T>);
      }
    }
  });
}

template <class T>
void check_variances(std::uint64_t seed) {
  for_shallow(40, seed, [](const Batched& one, Dice& dice) {
    const Program cones = in_cones(one.program);
    const auto found = qml::variance<T>(cones, one.batch);
    const std::size_t n = one.program.observables.size();
    for (std::size_t sample = 0; sample < one.batch.size; ++sample) {
      const reference::Vector psi = reference::simulate(one.circuit, one.values(sample));
      for (std::size_t k = 0; k < n; ++k) {
        const auto matrix = reference::observable(one.program.observables[k], one.program.n_qubits);
        const reference::Vector image = matrix * psi;
        const double mean = psi.dot(image).real();
        CHECK(std::abs(found[sample * n + k] - (image.squaredNorm() - mean * mean)) <
              30 * reference::kTolerance<T>);
      }
    }
    if constexpr (sizeof(T) == sizeof(double)) {
      Program whole = one.program;
      whole.engine = EngineKind::kTiles;
      const auto cotangent = reference::some_values(found.size(), dice);
      const auto expected = qml::vjp<T>(whole, one.batch, cotangent, Quantity::kVariance);
      CHECK(largest_difference(qml::vjp<T>(cones, one.batch, cotangent, Quantity::kVariance),
                               expected) < 1e-9);
      const auto rows = qml::jacobian<T>(whole, one.batch, {.quantity = Quantity::kVariance});
      for (const auto method : {qml::DiffMethod::kAdjoint, qml::DiffMethod::kParameterShift}) {
        const auto same =
            qml::jacobian<T>(cones, one.batch, {.method = method, .quantity = Quantity::kVariance});
        CHECK(largest_difference(same, rows) < 1e-9);
      }
    }
  });
}

template <class T>
void check_gradients(std::uint64_t seed, double tolerance) {
  for_shallow(40, seed, [&](const Batched& one, Dice& dice) {
    Program whole = one.program;
    whole.engine = EngineKind::kTiles;
    const Program cones = in_cones(one.program);
    const auto cotangent =
        reference::some_values(one.batch.size * one.program.observables.size(), dice);
    const auto expected = qml::vjp<double>(whole, one.batch, cotangent);
    const auto found = qml::vjp<T>(cones, one.batch, cotangent);
    CHECK(largest_difference(found.values, expected.values) < tolerance);
    CHECK(largest_difference(found, expected) < tolerance);
    const auto rows = qml::jacobian<double>(whole, one.batch, {});
    for (const auto method : {qml::DiffMethod::kAdjoint, qml::DiffMethod::kParameterShift}) {
      const auto same = qml::jacobian<T>(cones, one.batch, {.method = method});
      CHECK(largest_difference(same.values, rows.values) < tolerance);
      CHECK(largest_difference(same, rows) < tolerance);
    }
  });
}

// A brickwork of ry and cx, every layer with angles of its own.
Circuit brickwork(int n_qubits, int depth) {
  Circuit out(n_qubits);
  const qsim::ParameterVector w("w", n_qubits * depth);
  std::size_t next = 0;
  for (int layer = 0; layer < depth; ++layer) {
    for (int q = 0; q < n_qubits; ++q) out.ry(w[next++], q);
    for (int q = layer % 2; q + 1 < n_qubits; q += 2) out.cx(q, q + 1);
  }
  return out;
}

// Fourteen qubits in three layers, whose observables' cones are small.
struct Sampled {
  Sampled()
      : circuit(brickwork(kQubits, 3)),
        program(qsim::compile(
            circuit, {qsim::PauliSum::parse("0.5*Z0 Z1 - X1 + 0.7*Y2 + 0.3", kQubits),
                      qsim::PauliSum::parse("Z12 Z13 + X12 X13 + 0.2*Z0", kQubits),
                      qsim::MatrixObservable(qsim::Matrix{{1.0, 0.5}, {0.5, -2.0}}, {6})})) {
    REQUIRE(program.cones);
    REQUIRE_FALSE(program.cones->whole.empty());
    Dice dice(11);
    weights = reference::some_values(program.weights.size(), dice);
  }
  [[nodiscard]] qsim::Batch batch() const { return {.weights = weights}; }

  static constexpr int kQubits = 14;
  Circuit circuit;
  Program program;
  std::vector<double> weights;
};

// How many standard errors numbers are off at most; exact where there is no error.
double deviation(const std::vector<double>& found, const std::vector<double>& expected,
                 const std::vector<double>& errors) {
  REQUIRE(found.size() == expected.size());
  REQUIRE(errors.size() == expected.size());
  double worst = 0;
  for (std::size_t k = 0; k < found.size(); ++k) {
    worst = reference::larger(worst, std::abs(found[k] - expected[k]) / (errors[k] + 1e-9));
  }
  return worst;
}

}  // namespace

TEST_CASE("light cones have the variances of the dense reference", "[cones]") {
  check_variances<double>(8);
  check_variances<float>(9);
}

TEST_CASE("shots in light cones estimate what is exact", "[cones]") {
  const Sampled one;
  const auto exact = qml::expval<double>(one.program, one.batch());
  for (const auto grouping :
       {qsim::Grouping::kNone, qsim::Grouping::kQubitwise, qsim::Grouping::kFull}) {
    const qml::EstimateOptions options{.shots = 20'000, .seed = 5, .grouping = grouping};
    qsim::set_num_threads(1);
    const auto found = qml::estimate<double>(one.program, one.batch(), options);
    auto errors = found.variances;
    for (double& e : errors) e = std::sqrt(e);
    CHECK(deviation(found.means, exact, errors) < 5);
    // The whole state is measured as well as its parts.
    Program whole = one.program;
    whole.engine = EngineKind::kTiles;
    const auto of_whole = qml::estimate<double>(whole, one.batch(), options);
    for (std::size_t k = 0; k < errors.size(); ++k) {
      CHECK(found.variances[k] == Approx(of_whole.variances[k]).epsilon(0.1));
    }
    qsim::set_num_threads(2);
    CHECK(qml::estimate<double>(one.program, one.batch(), options).means == found.means);
    qsim::set_num_threads(0);
  }
  const auto sampled = qml::expval<double>(one.program, one.batch(), {20'000, 6});
  CHECK(deviation(sampled, exact, std::vector<double>(exact.size(), 0.02)) < 5);
  CHECK(sampled == qml::expval<double>(one.program, one.batch(), {20'000, 6}));
  CHECK(sampled != qml::expval<double>(one.program, one.batch(), {20'000, 7}));
}

TEST_CASE("parameter shift from shots in light cones", "[cones]") {
  const Sampled one;
  const auto exact = qml::jacobian<double>(one.program, one.batch());
  using qml::ShotAllocation;
  for (const auto allocation :
       {ShotAllocation::kEach, ShotAllocation::kUniform, ShotAllocation::kWeighted}) {
    const auto found =
        qml::jacobian<double>(one.program, one.batch(),
                              {.method = qml::DiffMethod::kParameterShift,
                               .shots = allocation == ShotAllocation::kEach ? 2'000 : 1'000'000,
                               .seed = 3,
                               .allocation = allocation,
                               .std_errors = true,
                               .covariance = true});
    CHECK(found.values.empty() == (allocation != ShotAllocation::kEach));
    CHECK(deviation(found.weights, exact.weights, found.weights_std) < 5);
    const std::size_t n = one.program.weights.size();
    for (std::size_t k = 0; k < found.weights_std.size(); ++k) {
      const double variance = found.covariance[(k / n * n + k % n) * n + k % n];
      CHECK(std::sqrt(variance) == Approx(found.weights_std[k]).margin(1e-12));
    }
  }
  CHECK_THROWS_WITH(qml::jacobian<double>(one.program, one.batch(),
                                          {.method = qml::DiffMethod::kParameterShift,
                                           .shots = 10,
                                           .allocation = ShotAllocation::kUniform}),
                    Matches("a budget of 10 shots is too small for .* settings .*"));
}

TEST_CASE("a circuit without gates has cones on all of what is seen", "[cones]") {
  const Program program = qsim::compile(Circuit(20), {"X0", "Z5", "X7"});
  CHECK(qml::expval<double>(program, {}) == std::vector<double>{0, 1, 0});
}

TEST_CASE("light cones have the expectation values of the dense reference", "[cones]") {
  check_values<double>(1);
  check_values<float>(2);
}

TEST_CASE("light cones have the gradients of the whole", "[cones]") {
  check_gradients<double>(3, 1e-9);
  check_gradients<float>(4, 2e-3);
}

TEST_CASE("light cones have the same bits for any number of threads", "[cones]") {
  for_shallow(12, 5, [](const Batched& one, Dice& dice) {
    const Program cones = in_cones(one.program);
    const auto cotangent =
        reference::some_values(one.batch.size * one.program.observables.size(), dice);
    qsim::set_num_threads(1);
    const auto expected = qml::vjp<double>(cones, one.batch, cotangent);
    qsim::set_num_threads(2);
    const auto found = qml::vjp<double>(cones, one.batch, cotangent);
    CHECK(reference::same_bits(found.values, expected.values));
    CHECK(reference::same_bits(found.inputs, expected.inputs));
    CHECK(reference::same_bits(found.weights, expected.weights));
  });
}

TEST_CASE("some qubits' probabilities are marginals of all, with their gradients", "[cones]") {
  for_shallow(40, 6, [](const Batched& one, Dice& dice) {
    const int n = one.program.n_qubits;
    const auto qubits = dice.qubits(1 + dice.below(n), n);
    for (const auto start : {qsim::Start::kPrepared, qsim::Start::kAnyState}) {
      const Program measured = qsim::marginal(one.program, qubits, start);
      const std::size_t size = qsim::bit(static_cast<int>(qubits.size()));
      const auto all = qml::probabilities<double>(one.program, one.batch);
      std::vector<double> expected(one.batch.size * size);
      for (std::size_t k = 0; k < all.size(); ++k) {
        const qsim::Index i = k % qsim::bit(n);
        expected[k / qsim::bit(n) * size + qsim::gather_bits(i, qubits)] += all[k];
      }
      CHECK(largest_difference(qml::probabilities<double>(measured, one.batch), expected) < 1e-12);
      const auto g = reference::some_values(expected.size(), dice);
      std::vector<double> of_all(all.size());
      for (std::size_t k = 0; k < all.size(); ++k) {
        of_all[k] = g[k / qsim::bit(n) * size + qsim::gather_bits(k % qsim::bit(n), qubits)];
      }
      const auto found = qml::vjp<double>(measured, one.batch, g, Quantity::kProbs);
      const auto whole = qml::vjp<double>(one.program, one.batch, of_all, Quantity::kProbs);
      CHECK(largest_difference(found, whole) < 1e-10);
      const auto shifted = qml::jacobian<double>(
          measured, one.batch,
          {.method = qml::DiffMethod::kParameterShift, .quantity = Quantity::kProbs});
      const auto swept = qml::jacobian<double>(measured, one.batch, {.quantity = Quantity::kProbs});
      CHECK(largest_difference(shifted, swept) < 1e-9);
    }
  });
}

TEST_CASE("gates that what is measured commutes with are not in its cone", "[cones]") {
  const auto cone = [](const Circuit& circuit, const char* observable) {
    const Program program = in_cones(qsim::compile(circuit, observable));
    REQUIRE(program.cones->cones.size() == 1);
    return program.cones->cones.front().qubits;
  };
  using Qubits = std::vector<qsim::Qubit>;
  CHECK(cone(Circuit(3).h(0).cz(0, 1).rzz(0.3, 1, 2), "Z0") == Qubits{0});
  CHECK(cone(Circuit(3).h(0).cz(0, 1).rzz(0.3, 1, 2), "X0") == Qubits{0, 1});
  CHECK(cone(Circuit(3).h(0).cx(0, 1), "Z0") == Qubits{0});
  CHECK(cone(Circuit(3).h(0).cx(0, 1), "Z1") == Qubits{0, 1});
  CHECK(cone(Circuit(3).h(0).cz(0, 1).rx(0.1, 0), "Z0") == Qubits{0, 1});
  CHECK(cone(Circuit(3).h(2).swap(0, 2), "Z0").size() == 1);
  CHECK(cone(Circuit(3).initialize({0.6, 0.0, 0.0, 0.8}).h(2), "Z1") == Qubits{0, 1});
  CHECK(cone(Circuit(3).initialize({0.6, 0.0, 0.0, 0.8}).h(2), "Z2") == Qubits{2});
  CHECK(qsim::light_cone(qsim::compile(Circuit(3).cx(0, 1)), Qubits{0}) == Qubits{0, 1});
}

TEST_CASE("forty qubits run on small states", "[cones]") {
  constexpr int kQubits = 40;
  constexpr int kDepth = 3;
  const Circuit circuit = brickwork(kQubits, kDepth);
  qsim::PauliSum energy;
  for (int q = 0; q + 1 < kQubits; ++q) {
    energy = energy + qsim::PauliSum::parse(qsim::concat("Z", q, " Z", q + 1, " + X", q), kQubits);
  }
  const Program program = qsim::compile(circuit, {qsim::OneObservable(energy)});
  REQUIRE(program.cones);
  CHECK(program.cones->whole.empty());  // the energy as one sees all
  CHECK(qsim::choose_engine<double>(program, {}, {.reads = qsim::Reads::kExpectations}) ==
        EngineKind::kCones);
  for (const auto& cone : program.cones->cones) CHECK(cone.qubits.size() <= 10);

  Dice dice(7);
  const auto weights = reference::some_values(program.weights.size(), dice);
  const qsim::Batch batch{.weights = weights};
  const std::vector<double> cotangent{1.0};
  const auto found = qml::vjp<double>(program, batch, cotangent);
  // Every string by itself.
  double sum = 0;
  for (int q = 0; q + 1 < kQubits; ++q) {
    for (const std::string& text : {qsim::concat("Z", q, " Z", q + 1), qsim::concat("X", q)}) {
      const Program one = qsim::compile(circuit, text);
      sum += qml::expval<double>(one, batch).front();
    }
  }
  CHECK(std::abs(found.values.front() - sum) < 1e-10);
  const auto [means, variances] = qml::estimate<double>(program, batch, {.shots = 1000});
  CHECK(std::abs(means.front() - sum) < 5 * std::sqrt(variances.front()));
  for (const std::size_t k : {std::size_t{0}, std::size_t{45}, std::size_t{119}}) {
    constexpr double kStep = 1e-5;
    auto moved = weights;
    moved[k] += kStep;
    const double up = qml::expval<double>(program, {.weights = moved}).front();
    moved[k] -= 2 * kStep;
    const double down = qml::expval<double>(program, {.weights = moved}).front();
    CHECK(std::abs(found.weights[k] - (up - down) / (2 * kStep)) < 1e-7);
  }
}

TEST_CASE("what light cones cannot do is said", "[cones]") {
  const qsim::Parameter a("a");
  Program program = qsim::compile(Circuit(3).rx(a, 0).rx(qsim::log(a), 2), {"Z0"});
  const Program cones = in_cones(program);
  // The angle of a gate that nothing sees is an angle all the same.
  CHECK_THROWS_WITH(qml::expval<double>(cones, {.weights = {-1.0}}), Matches(".*'a' = -1.*"));
  CHECK_THROWS_WITH(qml::probabilities<double>(cones, {.weights = {1.0}}),
                    Matches("the engine 'cones' cannot run this: .* expectation values .*"));
  program.engine = EngineKind::kCones;
  CHECK_THROWS_WITH(qml::expval<double>(program, {.weights = {1.0}}),
                    Matches("the engine 'cones' cannot run this: no part .*"));
  CHECK_THROWS_WITH(qsim::marginal(program, std::vector<qsim::Qubit>{1, 1}, qsim::Start::kPrepared),
                    Matches(".*1.*"));
}
