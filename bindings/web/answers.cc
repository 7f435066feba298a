#include "bindings/web/answers.h"

#include <string_view>

#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "qsim/observables/reduced_density_matrix.h"

namespace web {
namespace {

Json bloch_vectors(const qsim::State<double>& state) {
  Json out = Json::array();
  for (qsim::Qubit q = 0; q < state.n_qubits(); ++q) {
    const qsim::Matrix rho = qsim::reduced_density_matrix(state, std::span(&q, 1));
    // ρ = (1 + x X + y Y + z Z) / 2.
    out.push_back(
        {2 * rho(1, 0).real(), 2 * rho(1, 0).imag(), rho(0, 0).real() - rho(1, 1).real()});
  }
  return out;
}

}  // namespace

Json in_memory(std::span<const double> numbers) {
  return {{"at", reinterpret_cast<std::uintptr_t>(numbers.data())}, {"size", numbers.size()}};
}

void check_size(const qsim::Circuit& circuit, std::string_view what) {
  qsim::require(circuit.n_qubits() <= kMostQubits, what, " has ", circuit.n_qubits(),
                " qubits; in a page there are at most ", kMostQubits);
}

Json state_of(const qsim::Circuit& circuit, const qsim::Values& values) {
  static std::vector<double> amplitudes;
  static std::vector<double> probabilities;
  const qsim::State<double> state = qsim::simulate<double>(circuit, values);
  amplitudes.clear();
  for (const qsim::Complex& amplitude : state.amplitudes()) {
    amplitudes.push_back(amplitude.real());
    amplitudes.push_back(amplitude.imag());
  }
  probabilities = state.probabilities();
  return {{"n_qubits", state.n_qubits()},
          {"amplitudes", in_memory(amplitudes)},
          {"probabilities", in_memory(probabilities)},
          {"bloch", bloch_vectors(state)}};
}

}  // namespace web
