#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/evaluate.h"
#include "qsim/compile/program.h"
#include "qsim/engines/batch_run.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

// Random programs to differentiate.

namespace reference {

inline std::vector<qsim::Observable> some_observables(int n_qubits, Dice& dice) {
  const auto qubits = dice.qubits(2, n_qubits);
  return {qsim::PauliSum::parse("Z0 + 0.5*X1 - 0.3*Y0 Y1", n_qubits),
          qsim::PauliSum::parse("0.7*Z1 - 0.2", n_qubits),
          qsim::MatrixObservable(dice.hermitian(2), qubits)};
}

inline std::vector<double> some_values(std::size_t count, Dice& dice) {
  std::vector<double> out;
  for (std::size_t k = 0; k < count; ++k) out.push_back(dice.uniform(-3, 3));
  return out;
}

inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double out = 0;
  for (std::size_t k = 0; k < a.size(); ++k) out = reference::larger(out, std::abs(a[k] - b[k]));
  return out;
}

// Of the derivatives.
inline double largest_difference(const qml::Gradients& a, const qml::Gradients& b) {
  return reference::larger(largest_difference(a.inputs, b.inputs),
                           largest_difference(a.weights, b.weights));
}

inline bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  return std::ranges::equal(a, b, {}, bits, bits);
}

// A circuit with every parametric row of the gate table, some under controls, whose angles share
// parameters and expressions; half of the parameters are inputs.
struct Case {
  qsim::Program program;
  std::vector<double> inputs;
  std::vector<double> weights;
  qml::Batch batch;

  Case(int n_qubits, Dice& dice) {
    const qsim::Circuit circuit = random_circuit(
        {.n_qubits = n_qubits, .n_gates = 24, .max_controls = 2, .named = true}, dice);
    std::vector<std::string> names = circuit.parameters();
    names.resize(names.size() / 2);
    program = qsim::compile(circuit, some_observables(n_qubits, dice), names);
    inputs = some_values(program.inputs.size(), dice);
    weights = some_values(program.weights.size(), dice);
    batch = {.inputs = inputs, .weights = weights};
  }
};

// A random program with the first half of its parameters as inputs, and a batch for it.
struct Batched {
  Batched(qsim::Circuit of, std::vector<qsim::Observable> observables, std::size_t size,
          bool weights_per_sample, Dice& dice)
      : circuit(std::move(of)) {
    auto names = circuit.parameters();
    names.resize(names.size() / 2);
    program = qsim::compile(circuit, std::move(observables), names);
    inputs = some_values(size * program.inputs.size(), dice);
    weights = some_values((weights_per_sample ? size : 1) * program.weights.size(), dice);
    batch = {.size = size,
             .inputs = inputs,
             .weights = weights,
             .weights_per_sample = weights_per_sample};
  }
  Batched(const Batched&) = delete;
  Batched& operator=(const Batched&) = delete;

  [[nodiscard]] Values values(std::size_t sample) const {
    Values out;
    const auto x = batch.inputs_of(program, sample);
    const auto w = batch.weights_of(program, sample);
    for (std::size_t k = 0; k < x.size(); ++k) out[program.inputs[k]] = x[k];
    for (std::size_t k = 0; k < w.size(); ++k) out[program.weights[k]] = w[k];
    return out;
  }

  qsim::Circuit circuit;
  qsim::Program program;
  std::vector<double> inputs;
  std::vector<double> weights;
  qsim::Batch batch;
};

// Calls body(kind, program) for every engine that can run the program, told to run so.
template <class T, class Body>
void for_each_engine(qsim::Program program, const qsim::Batch& batch, const Body& body) {
  using enum qsim::EngineKind;
  for (const qsim::EngineKind kind : {kTiles, kStages, kBlocks}) {
    program.engine = kind;
    try {
      static_cast<void>(qsim::choose_engine<T>(program, batch));
    } catch (const qsim::ValueError&) {
      continue;
    }
    INFO("engine " << qsim::name_of(kind));
    body(kind, std::as_const(program));
  }
}

}  // namespace reference
