#include "qml/circuits/qaoa.h"

#include <algorithm>
#include <string_view>

#include "qsim/circuit/room.h"
#include "qsim/core/error.h"
#include "qsim/hamiltonians/product_formula.h"

namespace qml {

using qsim::Circuit;
using qsim::concat;
using qsim::Expression;
using qsim::ParameterVector;
using qsim::PauliSum;
using qsim::PauliTerm;
using qsim::Qubit;
using qsim::require;

namespace {

// The exponentials of the terms in their order.
void evolve(Circuit& circuit, const Expression& theta, const PauliSum& sum) {
  circuit.compose(qsim::trotter(sum, theta, 1));
}

void require_evolution(const PauliSum& sum, int n_qubits, std::string_view what) {
  require(sum.n_qubits() == n_qubits, what, " is over ", sum.n_qubits(), " qubits, not ", n_qubits);
  const bool acts = std::ranges::any_of(
      sum.terms(), [](const PauliTerm& term) { return !term.string.is_identity(); });
  require(acts, what, " has no term other than the identity");
}

Circuit start(const std::optional<Circuit>& initial, int n_qubits, std::string_view what) {
  if (!initial) return Circuit(n_qubits);
  require(initial->n_qubits() == n_qubits, what, ": the initial circuit has ", initial->n_qubits(),
          " qubits, not ", n_qubits);
  return *initial;
}

}  // namespace

Circuit qaoa(const PauliSum& cost, qsim::WholeNumber depth, const std::optional<PauliSum>& mixer,
             const std::optional<Circuit>& initial) {
  require(depth >= 1, "qaoa: depth ", static_cast<int>(depth), " is below 1");
  const int n = cost.n_qubits();
  require_evolution(cost, n, "qaoa: the cost");
  if (mixer) require_evolution(*mixer, n, "qaoa: the mixer");
  const double mixing = mixer ? static_cast<double>(mixer->terms().size()) : n;
  qsim::require_operations((static_cast<double>(cost.terms().size()) + mixing) * depth + n, "qaoa");
  Circuit out = start(initial, n, "qaoa");
  if (!mixer && !initial) {
    for (Qubit q = 0; q < n; ++q) out.h(q);
  }
  const ParameterVector gamma("gamma", depth);
  const ParameterVector beta("beta", depth);
  for (std::size_t k = 0; k < gamma.size(); ++k) {
    evolve(out, gamma[k], cost);
    if (mixer) {
      evolve(out, beta[k], *mixer);
    } else {
      for (Qubit q = 0; q < n; ++q) out.rx(2 * Expression(beta[k]), q);
    }
  }
  return out;
}

Circuit hamiltonian_variational(std::span<const PauliSum> groups, qsim::WholeNumber depth,
                                const std::optional<Circuit>& initial) {
  require(depth >= 1, "hamiltonian_variational: depth ", static_cast<int>(depth), " is below 1");
  require(!groups.empty(), "hamiltonian_variational: there are no groups");
  const int n = groups.front().n_qubits();
  double gates = 0;
  for (std::size_t k = 0; k < groups.size(); ++k) {
    require_evolution(groups[k], n, concat("hamiltonian_variational: group ", k));
    gates += static_cast<double>(groups[k].terms().size());
  }
  const double n_parameters = static_cast<double>(groups.size()) * depth;
  require(n_parameters <= qsim::kMostElements, "hamiltonian_variational: ", n_parameters,
          " parameters are above the limit of ", qsim::kMostElements);
  qsim::require_operations(gates * depth, "hamiltonian_variational");
  Circuit out = start(initial, n, "hamiltonian_variational");
  const ParameterVector theta("theta", static_cast<int>(n_parameters));
  std::size_t next = 0;
  for (int layer = 0; layer < depth; ++layer) {
    for (const PauliSum& group : groups) evolve(out, theta[next++], group);
  }
  return out;
}

}  // namespace qml
