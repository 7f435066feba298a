#include "qsim/library/phase_estimation.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/library/fourier.h"
#include "qsim/library/parts.h"

namespace qsim {
namespace {

constexpr int kMostCounting = 30;

// As a box, but for a single gate, whose angle or label shows its power.
Circuit power_of_two(const Circuit& unitary, int k) {
  const bool is_one_gate = unitary.size() == 1 && unitary.operations()[0].angles.size() <= 1 &&
                           is_gate(*unitary.operations()[0].row);
  Circuit out(unitary.n_qubits());
  if (is_one_gate) {
    out.add(power(unitary.operations()[0], std::ldexp(1.0, k)));
  } else {
    out.compose(unitary.repeat(1 << k), {}, {}, k == 0 ? "U" : concat("U^", 1 << k));
  }
  return out;
}

}  // namespace

Circuit phase_estimation(const Circuit& unitary, WholeNumber n_counting) {
  const Circuit gates = gates_of(unitary, "phase_estimation: the circuit");
  const int m = n_counting;
  require(m >= 1 && m <= kMostCounting, "number of counting qubits ", m, " is outside [1, ",
          kMostCounting, "]");
  if (gates.size() > 1) {
    require_operations(std::ldexp(static_cast<double>(gates.size()), m), "a phase estimation");
  }
  const int n = gates.n_qubits();
  Circuit out(n + m);
  for (int k = 0; k < m; ++k) out.h(n + k);
  for (int k = 0; k < m; ++k) {
    std::vector<Qubit> qubits = qubit_range(0, n);
    qubits.push_back(n + k);
    out.compose(power_of_two(gates, k).control(1), qubits);
  }
  return out.compose(qft(m, true), qubit_range(n, m), {}, "QFT†");
}

double estimate_phase(std::span<const double> weights) {
  require(weights.size() >= 2 && std::has_single_bit(weights.size()),
          "a phase is estimated from 2, "
          "4, 8 ... weights, one for each outcome, got ",
          weights.size());
  for (const double weight : weights) {
    count_work();
    require(std::isfinite(weight) && weight >= 0, "the weight of an outcome is ", weight,
            ", but finite and not negative is right");
  }
  const std::size_t size = weights.size();
  const auto largest = std::max_element(weights.begin(), weights.end());
  require(*largest > 0, "a phase cannot be estimated from weights that are all 0");
  const auto at = static_cast<std::size_t>(largest - weights.begin());
  const double before = weights[(at + size - 1) % size];
  const double after = weights[(at + 1) % size];
  // Outcome y has the amplitude sin(πM(φ − y/M)) / (M sin(π(φ − y/M))), M of them: the ratio of two
  // neighbours says how far φ is from the larger.
  const double step = std::numbers::pi / static_cast<double>(size);
  const double ratio = std::sqrt(*largest / std::max(before, after));
  const double apart = std::atan(std::sin(step) / (ratio + std::cos(step))) / std::numbers::pi;
  const double phase =
      static_cast<double>(at) / static_cast<double>(size) + (before > after ? -apart : apart);
  return phase - std::floor(phase);
}

}  // namespace qsim
