// Entangled states: the Bell pair and its big sister, the GHZ state of five qubits.

#include <bitset>
#include <iostream>
#include <map>

#include "check.h"
#include "qsim/drawing/text_drawing.h"
#include "qsim/engines/execute.h"

namespace {

constexpr int kQubits = 5;
constexpr int kShots = 10'000;

// One qubit in superposition, then a chain of CNOTs that makes all others follow it.
qsim::Circuit ghz(int n_qubits) {
  qsim::Circuit circuit(n_qubits);
  circuit.h(0);
  for (int q = 0; q + 1 < n_qubits; ++q) circuit.cx(q, q + 1);
  return circuit;
}

std::map<qsim::Index, int> counts(const qsim::State<double>& state) {
  std::map<qsim::Index, int> out;
  for (const qsim::Index outcome : state.sample(kShots, /*seed=*/7)) ++out[outcome];
  return out;
}

void show(int n_qubits) {
  const qsim::Circuit circuit = ghz(n_qubits);
  std::cout << qsim::draw_text(circuit) << "\n\n";
  const auto seen = counts(qsim::simulate(circuit));
  for (const auto& [outcome, count] : seen) {
    // Qubit 0 is the rightmost digit.
    const std::string digits = std::bitset<kQubits>(outcome).to_string();
    std::cout << digits.substr(static_cast<std::size_t>(kQubits - n_qubits)) << "  " << count
              << '\n';
  }
  std::cout << '\n';

  // Only all zeros and all ones, each half the time: five standard deviations of a fair coin.
  check(static_cast<double>(seen.size()), 2, 0, "the number of outcomes");
  check(static_cast<double>(seen.rbegin()->first), std::ldexp(1.0, n_qubits) - 1, 0,
        "the last outcome");
  check(seen.begin()->second, kShots / 2.0, 5 * std::sqrt(kShots / 4.0), "the count of all zeros");
}

}  // namespace

int main() {
  show(2);
  show(kQubits);
}
