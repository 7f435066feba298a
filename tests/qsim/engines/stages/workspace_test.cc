#include "qsim/engines/stages/workspace.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qsim/engines/batch_run.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

// Samples of small programs by themselves, layer by layer, against the dense reference and against
// the sweep that goes back step by step.

using reference::Dice;

namespace {

// Layers as ansätze have them, with everything that a layer can hold: turns of all qubits, by small
// and large angles and by exactly 0, π/2 and π, permutations, constant phases and shared diagonals.
qsim::Circuit layered_circuit(int n_qubits, Dice& dice) {
  qsim::Circuit circuit(n_qubits);
  const auto name = [&] { return "p" + std::to_string(dice.below(3 * n_qubits)); };
  constexpr double kQuarter = reference::kPi / 2;
  for (int layer = 0; layer < 3; ++layer) {
    for (int q = 0; q < n_qubits; ++q) {
      switch (dice.below(5)) {
        case 0:
          circuit.ry(kQuarter * dice.below(5), q);
          break;
        case 1:
          circuit.u(qsim::Parameter(name()), 2.0 * qsim::Parameter(name()), 0.2, q);
          break;
        case 2:
          circuit.rx(qsim::Parameter(name()), q).rz(qsim::Parameter(name()), q);
          break;
        case 3:
          circuit.p(qsim::Parameter(name()), q);
          break;
        default:
          break;
      }
    }
    for (int q = 0; q < n_qubits; ++q) {
      const int next = (q + 1 + dice.below(n_qubits - 1)) % n_qubits;
      switch (dice.below(6)) {
        case 0:
          circuit.cx(q, next);
          break;
        case 1:
          circuit.cz(q, next);
          break;
        case 2:
          circuit.rzz(qsim::Parameter(name()), q, next);
          break;
        case 3:
          circuit.rxx(qsim::Parameter(name()), q, next);
          break;
        case 4:
          circuit.crz(qsim::Parameter(name()), q, next);
          break;
        default:
          break;
      }
    }
  }
  return circuit;
}

template <class T>
void check_circuit(const qsim::Circuit& circuit, Dice& dice) {
  const int n = circuit.n_qubits();
  const auto names = circuit.parameters();
  const std::vector<std::string> inputs(names.begin(), names.begin() + std::ssize(names) / 3);
  auto program = qsim::compile(
      circuit, {qsim::PauliSum::parse("Z0 + 0.5*X1 - 0.3*Y2 Y4 + 0.2*X5", n)}, inputs);
  REQUIRE(qsim::StagedState<T>::fits(program));
  const auto x = reference::some_values(program.inputs.size(), dice);
  const auto w = reference::some_values(program.weights.size(), dice);
  reference::Values values;
  for (std::size_t k = 0; k < x.size(); ++k) values[program.inputs[k]] = x[k];
  for (std::size_t k = 0; k < w.size(); ++k) values[program.weights[k]] = w[k];

  qsim::StageWorkspace<T> workspace(program);
  workspace.bind(x, w);
  workspace.forward();
  const double tolerance = 10 * reference::kTolerance<T>;
  CHECK(reference::difference(workspace.ket(), reference::simulate(circuit, values)) < tolerance);

  const qml::Batch batch{.inputs = x, .weights = w};
  const std::vector<double> cotangent{0.7};
  program.engine = qsim::EngineKind::kStages;
  const auto found = qml::vjp<T>(program, batch, cotangent);
  program.engine = qsim::EngineKind::kTiles;
  const auto expected = qml::vjp<double>(program, batch, cotangent);
  CHECK(reference::largest_difference(found.inputs, expected.inputs) < 10 * tolerance);
  CHECK(reference::largest_difference(found.weights, expected.weights) < 10 * tolerance);
}

template <class T>
void check_random_circuits(int count) {
  Dice dice(31);
  for (int trial = 0; trial < count; ++trial) {
    const int n = 7 + dice.below(3);
    INFO("trial " << trial << ", " << n << " qubits");
    check_circuit<T>(layered_circuit(n, dice), dice);
    check_circuit<T>(
        reference::random_circuit(
            {.n_qubits = n, .n_gates = 5 + dice.below(60), .max_controls = 2, .named = true}, dice),
        dice);
  }
}

}  // namespace

TEST_CASE("a sample by itself, layer by layer, is the dense reference's", "[layered]") {
  reference::for_each_target([] {
    check_random_circuits<double>(25);
    check_random_circuits<float>(25);
  });
}

TEST_CASE("states that are too many to be kept are undone", "[layered]") {
  Dice dice(5);
  qsim::Circuit circuit(12);
  for (int layer = 0; layer < 270; ++layer) {
    for (int q = 0; q < 12; ++q) circuit.ry(qsim::Parameter("p" + std::to_string(q)), q);
    circuit.rxx(qsim::Parameter("a"), layer % 12, (layer + 5) % 12);
    for (int q = 0; q < 12; ++q) circuit.cx(q, (q + 1) % 12);
  }
  check_circuit<double>(circuit, dice);
}

TEST_CASE("batches of one are samples of larger batches", "[layered]") {
  Dice dice(9);
  const qsim::Circuit circuit = layered_circuit(8, dice);
  const auto program =
      qsim::compile(circuit, {qsim::PauliSum::parse("Z0", 8), qsim::PauliSum::parse("X3 Z7", 8)},
                    {circuit.parameters()[0], circuit.parameters()[1]});
  constexpr std::size_t kMany = 9;
  const auto x = reference::some_values(2 * kMany, dice);
  const auto w = reference::some_values(program.weights.size(), dice);
  const qml::Batch many{.size = kMany, .inputs = x, .weights = w};
  const qml::Batch one{.inputs = std::span(x).first(2), .weights = w};
  CHECK(qsim::choose_engine<double>(program, one) == qsim::EngineKind::kStages);
  CHECK(qsim::choose_engine<double>(program, many) == qsim::EngineKind::kBlocks);
  const auto first = [](std::vector<double> rows) {
    rows.resize(rows.size() / kMany);
    return rows;
  };
  CHECK(reference::largest_difference(qml::expval<double>(program, one),
                                      first(qml::expval<double>(program, many))) < 1e-13);
  CHECK(reference::largest_difference(qml::probabilities<double>(program, one),
                                      first(qml::probabilities<double>(program, many))) < 1e-13);
  const auto single = qml::jacobian<double>(program, one);
  const auto block = qml::jacobian<double>(program, many);
  CHECK(reference::largest_difference(single.values, first(block.values)) < 1e-13);
  CHECK(reference::largest_difference(single.inputs, first(block.inputs)) < 1e-12);
  CHECK(reference::largest_difference(single.weights, first(block.weights)) < 1e-12);
}
