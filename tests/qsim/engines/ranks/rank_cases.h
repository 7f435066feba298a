#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/evaluate.h"
#include "qsim/engines/execute.h"
#include "qsim/engines/ranks/rank_program.h"
#include "qsim/engines/ranks/rank_state.h"
#include "tests/dense_reference.h"

// Random programs on ranks, of whatever kind these are, against dense algebra and the engines of
// one process. What is wrong is told as numbers and texts, so that ranks need no test framework.

namespace reference {

using qsim::Quantity;

// A circuit of all gates, with observables whose strings mix everything, and its parameters.
struct RankCase {
  qsim::Circuit circuit;
  qsim::Program program;
  std::vector<double> parameters;
  Values values;

  RankCase(int n_qubits, int n_gates, std::uint64_t seed, bool initialize = false)
      : circuit(n_qubits) {
    Dice dice(seed);
    if (initialize) {
      std::vector<qsim::Expression> amplitudes;
      for (int k = 0; k < 4; ++k) amplitudes.emplace_back(qsim::Parameter{"a" + std::to_string(k)});
      qsim::Circuit two(2);
      two.initialize(amplitudes);
      circuit.compose(two, std::vector<qsim::Qubit>{n_qubits - 1, 0});
    }
    circuit.compose(random_circuit(
        {.n_qubits = n_qubits, .n_gates = n_gates, .max_controls = 2, .named = true}, dice));
    std::vector<qsim::Observable> observables;
    for (int k = 0; k < 2; ++k) {
      std::vector<qsim::PauliTerm> terms{{0.3, {}}};
      for (int t = 0; t < 6; ++t) {
        terms.push_back({dice.uniform(-1, 1),
                         {static_cast<qsim::Index>(dice.below(1 << n_qubits)),
                          static_cast<qsim::Index>(dice.below(1 << n_qubits))}});
      }
      observables.emplace_back(qsim::PauliSum(n_qubits, terms));
    }
    const std::vector<int> qubit = dice.qubits(1, n_qubits);
    observables.emplace_back(qsim::MatrixObservable(dice.hermitian(1), qubit));
    program = qsim::compile(circuit, observables);
    for (const std::string& name : program.weights) {
      parameters.push_back(dice.uniform(-kPi, kPi));
      values[name] = parameters.back();
    }
  }

  [[nodiscard]] qml::Batch batch() const { return {.weights = parameters}; }
};

// Of numbers that should be alike.
class Largest {
 public:
  void add(const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() != b.size()) {
      value_ = INFINITY;
      return;
    }
    for (std::size_t k = 0; k < a.size(); ++k) value_ = larger(value_, std::abs(a[k] - b[k]));
  }
  [[nodiscard]] double value() const { return value_; }

 private:
  double value_ = 0;
};

template <class T>
std::vector<double> parts(const std::vector<std::complex<T>>& amplitudes) {
  std::vector<double> out;
  for (const auto& a : amplitudes) {
    out.push_back(static_cast<double>(a.real()));
    out.push_back(static_cast<double>(a.imag()));
  }
  return out;
}

inline std::vector<double> parts(const Vector& amplitudes) {
  return parts(std::vector<std::complex<double>>(amplitudes.begin(), amplitudes.end()));
}

// By dense algebra; by the engine of one process where the circuit begins with amplitudes.
inline std::vector<double> expected_state(const RankCase& c) {
  if (c.program.initial.empty()) return parts(simulate(c.circuit, c.values));
  return parts(qml::states<double>(c.program, c.batch()));
}

// The largest difference of the state's amplitudes.
template <class T>
double state_error(qsim::Communicator& comm, const RankCase& c) {
  qsim::RankProgram<T> program(comm, c.program);
  qsim::RankState<T> state = program.run(c.parameters);
  Largest out;
  const std::vector<double> expected = expected_state(c);
  const qsim::Index size = qsim::bit(state.n_qubits());
  out.add(parts(state.amplitudes(0, size)), expected);
  state.in_order();
  out.add(parts(state.amplitudes(0, size)), expected);
  return out.value();
}

// Of values and their Jacobian by all quantities from those of the engines of one process.
template <class T>
double values_error(qsim::Communicator& comm, const RankCase& c) {
  qsim::RankProgram<T> program(comm, c.program);
  Largest out;
  for (const Quantity quantity : {Quantity::kExpval, Quantity::kVariance, Quantity::kProbs}) {
    const auto expected = qml::jacobian<T>(c.program, c.batch(), {.quantity = quantity});
    const auto found = program.jacobian(quantity, c.parameters);
    out.add(found.values, expected.values);
    out.add(found.rows, expected.weights);
    out.add(program.values(quantity, c.parameters), expected.values);
  }
  return out.value();
}

template <class T>
double vjp_error(qsim::Communicator& comm, const RankCase& c) {
  qsim::RankProgram<T> program(comm, c.program);
  Largest out;
  for (const Quantity quantity : {Quantity::kExpval, Quantity::kVariance}) {
    const std::vector<double> cotangent{0.3, -0.7, 1.1};
    const auto expected = qml::vjp<T>(c.program, c.batch(), cotangent, quantity);
    const auto found = program.vjp(quantity, c.parameters, cotangent);
    out.add(found.values, expected.values);
    out.add(found.gradient, expected.weights);
  }
  return out.value();
}

// How many of many samples differ from those of one process.
template <class T>
std::size_t different_samples(qsim::Communicator& comm, const RankCase& c) {
  constexpr int kShots = 2000;
  qsim::RankProgram<T> program(comm, c.program);
  const auto found = program.run(c.parameters).sample(kShots, 7);
  const auto whole = qml::states<T>(c.program, c.batch());
  const auto expected = qsim::State<T>::from_amplitudes(whole).sample(kShots, 7);
  std::size_t out = 0;
  for (std::size_t k = 0; k < expected.size(); ++k) out += found[k] != expected[k] ? 1U : 0U;
  return out;
}

}  // namespace reference
