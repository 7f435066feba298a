#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/evaluate.h"
#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/batch_run.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

// Every engine by force on everything that it can run: against the dense reference, against each
// other, and what they say where they cannot.

using Catch::Matchers::Matches;
using qml::Quantity;
using qsim::Circuit;
using qsim::EngineKind;
using reference::Batched;
using reference::Dice;
using reference::largest_difference;

namespace {

// Each of some sizes, narrow and wide, few samples and more than a block.
template <class Body>
void for_batches(int count, const Body& body) {
  Dice dice(13);
  for (int trial = 0; trial < count; ++trial) {
    const int n = trial % 2 == 0 ? 2 + dice.below(4) : 6 + dice.below(3);
    const auto size = static_cast<std::size_t>(1 + dice.below(trial % 3 == 0 ? 20 : 4));
    Circuit circuit = reference::random_circuit(
        {.n_qubits = n, .n_gates = 10 + dice.below(30), .max_controls = 2, .named = true}, dice);
    auto observables = reference::some_observables(n, dice);
    const Batched batched(std::move(circuit), std::move(observables), size, dice.coin(), dice);
    INFO("trial " << trial << ", " << n << " qubits, " << size << " samples");
    body(batched, dice);
  }
}

template <class T>
void check_states() {
  std::set<EngineKind> seen;
  for_batches(24, [&](const Batched& b, Dice&) {
    reference::for_each_engine<T>(b.program, b.batch, [&](EngineKind kind, const auto& program) {
      seen.insert(kind);
      const auto states = qml::states<T>(program, b.batch);
      const std::size_t columns = qsim::bit(program.n_qubits);
      for (std::size_t sample = 0; sample < b.batch.size; ++sample) {
        const auto expected = reference::simulate(b.circuit, b.values(sample));
        double worst = 0;
        for (std::size_t i = 0; i < columns; ++i) {
          const qsim::Complex found(states[sample * columns + i]);
          worst =
              reference::larger(worst, std::abs(found - expected[static_cast<Eigen::Index>(i)]));
        }
        CHECK(worst < 10 * reference::kTolerance<T>);
      }
    });
  });
  CHECK(seen.size() == 3);
}

// All gradients of an engine against those of tiles.
template <class T>
void check_gradients(double tolerance) {
  for_batches(24, [&](const Batched& b, Dice& dice) {
    qsim::Program in_tiles = b.program;
    in_tiles.engine = EngineKind::kTiles;
    for (const Quantity quantity :
         {Quantity::kExpval, Quantity::kVariance, Quantity::kProbs, Quantity::kState}) {
      const auto cotangent =
          reference::some_values(b.batch.size * qsim::n_values(b.program, quantity), dice);
      const auto expected = qml::vjp<double>(in_tiles, b.batch, cotangent, quantity);
      reference::for_each_engine<T>(b.program, b.batch, [&](EngineKind, const auto& program) {
        const auto found = qml::vjp<T>(program, b.batch, cotangent, quantity);
        CHECK(largest_difference(found.values, expected.values) < tolerance);
        CHECK(largest_difference(found.inputs, expected.inputs) < tolerance);
        CHECK(largest_difference(found.weights, expected.weights) < tolerance);
      });
    }
    for (const auto method : {qml::DiffMethod::kAdjoint, qml::DiffMethod::kParameterShift}) {
      const qml::JacobianOptions options{.method = method};
      const auto expected = qml::jacobian<double>(in_tiles, b.batch, {});
      reference::for_each_engine<T>(b.program, b.batch, [&](EngineKind, const auto& program) {
        const auto found = qml::jacobian<T>(program, b.batch, options);
        CHECK(largest_difference(found.values, expected.values) < tolerance);
        CHECK(largest_difference(found.inputs, expected.inputs) < tolerance);
        CHECK(largest_difference(found.weights, expected.weights) < tolerance);
      });
    }
  });
}

}  // namespace

TEST_CASE("every engine prepares the states of the dense reference", "[engines]") {
  reference::for_each_target([] {
    check_states<double>();
    check_states<float>();
  });
}

TEST_CASE("every engine has the same gradients", "[engines]") {
  check_gradients<double>(1e-9);
  check_gradients<float>(2e-3);
}

TEST_CASE("every engine has the same bits for any number of threads", "[engines]") {
  for_batches(6, [](const Batched& b, Dice& dice) {
    const auto cotangent =
        reference::some_values(b.batch.size * b.program.observables.size(), dice);
    reference::for_each_engine<double>(b.program, b.batch, [&](EngineKind, const auto& program) {
      qsim::set_num_threads(1);
      const auto one = qml::vjp<double>(program, b.batch, cotangent);
      qsim::set_num_threads(3);
      const auto three = qml::vjp<double>(program, b.batch, cotangent);
      qsim::set_num_threads(0);
      CHECK(reference::same_bits(one.values, three.values));
      CHECK(reference::same_bits(one.inputs, three.inputs));
      CHECK(reference::same_bits(one.weights, three.weights));
    });
  });
}

TEST_CASE("an engine that cannot run a program says why", "[engines]") {
  qsim::Program wide = qsim::compile(qsim::Circuit(13).h(0));
  wide.engine = EngineKind::kBlocks;
  CHECK_THROWS_WITH(
      qml::probabilities<double>(wide, {}),
      Matches(".*the engine 'blocks' cannot run this: it takes programs of up to 12 qubits.*"));
  qsim::Program small = qsim::compile(qsim::Circuit(2).h(0));
  small.engine = EngineKind::kStages;
  CHECK_THROWS_WITH(qml::probabilities<double>(small, {}),
                    Matches(".*programs of 6 qubits or more.*"));
  CHECK_THROWS_WITH(qml::probabilities<float>(small, {}),
                    Matches(".*programs of 7 qubits or more.*"));
  const std::vector<std::complex<double>> start(64, 0.125);
  qsim::Program given = qsim::compile(qsim::Circuit(6).h(0));
  given.engine = EngineKind::kStages;
  CHECK_THROWS_WITH(qml::probabilities<double>(given, {.initial_states = start}),
                    Matches(".*no states to begin with.*"));
  CHECK_THROWS_WITH(qsim::engine_kind("gpu"),
                    Matches(".*there is no engine 'gpu'; there is blocks, stages, tiles.*"));
}

TEST_CASE("by itself a program takes the fastest engine", "[engines]") {
  const auto chosen = [](int n_qubits, std::size_t size) {
    return qsim::choose_engine<double>(qsim::compile(qsim::Circuit(n_qubits).h(0)), {.size = size});
  };
  CHECK(chosen(4, 1) == EngineKind::kBlocks);
  CHECK(chosen(8, 1) == EngineKind::kStages);
  CHECK(chosen(8, 100) == EngineKind::kBlocks);
  CHECK(chosen(13, 1) == EngineKind::kTiles);
}

TEST_CASE("few samples leave stages where these would fill many tables", "[engines]") {
  const auto chosen = [](int n_qubits, int n_phases, int n_others, std::size_t size) {
    qsim::Circuit circuit(n_qubits);
    const qsim::Parameter a("a");
    for (int k = 0; k < n_phases; ++k) circuit.rzz(a, k % n_qubits, (k + 1) % n_qubits);
    for (int k = 0; k < n_others; ++k) circuit.rxx(a, k % n_qubits, (k + 1) % n_qubits);
    return qsim::choose_engine<double>(qsim::compile(circuit), {.size = size});
  };
  CHECK(chosen(6, 40, 0, 1) == EngineKind::kStages);
  CHECK(chosen(8, 12, 0, 1) == EngineKind::kStages);
  CHECK(chosen(8, 13, 0, 1) == EngineKind::kTiles);
  CHECK(chosen(12, 0, 30, 1) == EngineKind::kStages);
  CHECK(chosen(12, 1, 0, 1) == EngineKind::kTiles);
  CHECK(chosen(12, 20, 19, 2) == EngineKind::kBlocks);
  CHECK(chosen(12, 20, 20, 2) == EngineKind::kTiles);
  CHECK(chosen(12, 20, 20, 5) == EngineKind::kBlocks);
}
