#include <algorithm>
#include <string>
#include <vector>

#include "qml/circuits/ansatz.h"
#include "qml/circuits/feature_map.h"
#include "qml/derivatives/differentiate.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

// The three ways to differentiate against each other, on thousands of circuits.

using qml::DiffMethod;
using reference::Dice;
using reference::largest_difference;

namespace {

struct Distances {
  double shift = 0;
  double difference = 0;
};

// Of Jacobians by all inputs and weights, of samples that differ in both or in inputs only.
Distances distances(const qsim::Program& program, std::size_t size, bool weights_per_sample,
                    Dice& dice) {
  const auto inputs = reference::some_values(size * program.inputs.size(), dice);
  const auto weights =
      reference::some_values((weights_per_sample ? size : 1) * program.weights.size(), dice);
  const qml::Batch batch{
      .size = size, .inputs = inputs, .weights = weights, .weights_per_sample = weights_per_sample};
  const auto adjoint = qml::jacobian<double>(program, batch);
  const auto distance = [&](DiffMethod method) {
    const auto other = qml::jacobian<double>(program, batch, {.method = method});
    return reference::larger(largest_difference(adjoint.values, other.values),
                             largest_difference(adjoint, other));
  };
  Distances out;
  if (program.initial.empty()) out.shift = distance(DiffMethod::kParameterShift);
  out.difference = distance(DiffMethod::kFiniteDifference);
  return out;
}

// The rule for frequencies that nearly coincide amplifies rounding by the inverse of their
// distance.
double conditioning(const qsim::Program& program) {
  constexpr double kSame = 1e-9;
  double smallest = 1;
  for (const qsim::Slot& slot : program.slots) {
    auto eigenvalues = slot.eigenvalues;
    std::ranges::sort(eigenvalues);
    for (std::size_t k = 1; k < eigenvalues.size(); ++k) {
      const double gap = eigenvalues[k] - eigenvalues[k - 1];
      if (gap > kSame) smallest = std::min(smallest, gap);
    }
  }
  return 1 / smallest;
}

// Finite differences are exact to the square of their step times a third derivative.
constexpr double kShiftTolerance = 1e-10;
constexpr double kDifferenceTolerance = 2e-6;

}  // namespace

TEST_CASE("adjoint, exact shift and finite differences agree on 2000 circuits", "[many]") {
  constexpr int kCircuits = 2000;
  Dice dice(2026);
  double worst_shift = 0;
  double worst_difference = 0;
  for (int trial = 0; trial < kCircuits; ++trial) {
    const int n = trial % 50 == 0 ? 7 : 2 + dice.below(3);
    const qsim::Circuit circuit = reference::random_circuit(
        {.n_qubits = n, .n_gates = 4 + dice.below(12), .max_controls = 2, .named = true}, dice);
    auto names = circuit.parameters();
    names.resize(names.size() * static_cast<std::size_t>(dice.below(3)) / 2);
    const auto program = qsim::compile(circuit, reference::some_observables(n, dice), names);
    const auto found =
        distances(program, static_cast<std::size_t>(1 + dice.below(3)), dice.coin(), dice);
    INFO("trial " << trial << ", " << n << " qubits");
    const double shift = found.shift / conditioning(program);
    if (shift > kShiftTolerance) CHECK(shift < kShiftTolerance);
    if (found.difference > kDifferenceTolerance) CHECK(found.difference < kDifferenceTolerance);
    worst_shift = reference::larger(worst_shift, shift);
    worst_difference = reference::larger(worst_difference, found.difference);
  }
  CHECK(worst_shift < kShiftTolerance);
  CHECK(worst_difference < kDifferenceTolerance);
}

TEST_CASE("they agree on every feature map with every ansatz", "[many]") {
  constexpr int kFeatures = 4;
  Dice dice(7);
  for (const auto map : qml::feature_map_names()) {
    for (const auto ansatz : qml::ansatz_names()) {
      INFO(map << ", " << ansatz);
      qsim::Circuit circuit = qml::make_feature_map(map, kFeatures);
      const auto inputs = circuit.parameters();
      circuit.compose(qml::make_ansatz(ansatz, circuit.n_qubits(), 2));
      const auto program =
          qsim::compile(circuit, reference::some_observables(circuit.n_qubits(), dice), inputs);
      const auto found = distances(program, 3, false, dice);
      CHECK(found.shift < kShiftTolerance);
      CHECK(found.difference < kDifferenceTolerance);
    }
  }
}
