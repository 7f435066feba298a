#include "qsim/library/amplification.h"

#include <cmath>
#include <numbers>
#include <unordered_set>

#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/library/parts.h"

namespace qsim {
namespace {

Circuit uniform_start(int n_qubits) {
  Circuit out(n_qubits);
  for (int q = 0; q < n_qubits; ++q) out.h(q);
  return out;
}

// The preparation, or the default.
Circuit start_for(const Circuit& oracle, const std::optional<Circuit>& state_preparation) {
  if (!state_preparation) return uniform_start(oracle.n_qubits());
  require(state_preparation->n_qubits() == oracle.n_qubits(),
          "grover: the state preparation acts on ", state_preparation->n_qubits(),
          " qubit(s), the oracle on ", oracle.n_qubits());
  Circuit out(oracle.n_qubits());
  return out.compose(gates_of(*state_preparation, "grover: the state preparation"), {}, {}, "A");
}

}  // namespace

Circuit phase_oracle(std::span<const std::uint64_t> marked, WholeNumber n_qubits) {
  Circuit out(n_qubits);
  const int n = n_qubits;
  require_controlled_operations(static_cast<double>(marked.size()), n, "a phase oracle");
  std::unordered_set<std::uint64_t> seen;
  for (const std::uint64_t state : marked) {
    count_work();
    require(n >= 64 || state < std::uint64_t{1} << n, "marked state ", state, " is outside [0, 2^",
            n, ")");
    require(seen.insert(state).second, "marked state ", state, " is given twice");
  }
  for (const std::uint64_t state : marked) flip_sign(out, n, state);
  return out;
}

Circuit grover_operator(const Circuit& oracle, const std::optional<Circuit>& state_preparation) {
  const Circuit start = start_for(oracle, state_preparation);
  Circuit reflection = start.inverse();
  flip_sign(reflection, oracle.n_qubits(), 0);
  reflection.rz(2 * std::numbers::pi, 0);  // the sign −1: 2|0⟩⟨0| − 1, also under controls
  reflection.compose(start);
  Circuit out(oracle.n_qubits());
  return out.compose(gates_of(oracle, "grover: the oracle"), {}, {}, "Oracle")
      .compose(reflection, {}, {}, "Diffusion");
}

Circuit grover(const Circuit& oracle, WholeNumber n_iterations,
               const std::optional<Circuit>& state_preparation) {
  require(n_iterations >= 0, "number of iterations ", int{n_iterations}, " is negative");
  const Circuit step = grover_operator(oracle, state_preparation);
  require_operations(static_cast<double>(step.size()) * n_iterations, "a Grover search");
  Circuit out = start_for(oracle, state_preparation);
  for (int k = 0; k < n_iterations; ++k) out.compose(step);
  return out;
}

int grover_iterations(double probability) {
  constexpr double kLeast = 1e-18;
  require(probability >= kLeast && probability <= 1, "probability ", probability, " is outside [",
          kLeast, ", 1]");
  // sin²((2k + 1)θ) is largest where (2k + 1)θ is nearest to π/2; of two that are as near, the
  // first.
  const double quarter_turns = std::numbers::pi / (4 * std::asin(std::sqrt(probability)));
  constexpr double kRounding = 1e-9;
  return static_cast<int>(std::ceil(quarter_turns * (1 - kRounding) - 1));
}

}  // namespace qsim
