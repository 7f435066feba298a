// The energy of a transverse-field Ising chain in a variational state and its gradient, on as many
// machines as MPI has: mpirun -n 4 ./ketgrad_mpi_example 24

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "examples/cpp/check.h"
#include "qsim/circuit/circuit.h"
#include "qsim/compile/rank_plan.h"
#include "qsim/engines/mpi/mpi_communicator.h"
#include "qsim/engines/ranks/rank_program.h"

namespace {

// −Σ Z_q Z_{q+1} − h Σ X_q on an open chain.
qsim::PauliSum energy(int n_qubits, double field) {
  std::vector<qsim::PauliTerm> terms;
  for (int q = 0; q + 1 < n_qubits; ++q) terms.push_back({-1.0, {.z = qsim::Index{3} << q}});
  for (int q = 0; q < n_qubits; ++q) terms.push_back({-field, {.x = qsim::Index{1} << q}});
  return {n_qubits, terms};
}

// Layers of the chain's own two parts, from the ground state of the field.
qsim::Circuit ansatz(int n_qubits, int layers) {
  qsim::Circuit out(n_qubits);
  for (int q = 0; q < n_qubits; ++q) out.h(q);
  const qsim::ParameterVector angles("a", 2 * layers);
  for (std::size_t k = 0; k < angles.size(); k += 2) {
    for (int q = 0; q + 1 < n_qubits; ++q) out.rzz(angles[k], q, q + 1);
    for (int q = 0; q < n_qubits; ++q) out.rx(angles[k + 1], q);
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const qsim::MpiSession session;  // or MPI_Init_thread, where more than this uses MPI
  qsim::MpiCommunicator comm(MPI_COMM_WORLD);
  const int n_qubits = argc > 1 ? std::atoi(argv[1]) : 20;
  constexpr double kField = 1.0;
  qsim::RankProgram<double> program(
      comm, qsim::compile_for_ranks(ansatz(n_qubits, 2), energy(n_qubits, kField)));

  std::vector<double> angles{-0.3, -0.4, -0.5, -0.2};
  const std::vector<double> one{1.0};
  double last = 0;
  for (int step = 0; step < 20; ++step) {
    const auto [values, gradient] = program.vjp(qsim::Quantity::kExpval, angles, one);
    for (std::size_t k = 0; k < angles.size(); ++k) {
      angles[k] -= 0.2 / n_qubits * gradient[k];
    }
    last = values[0];
    if (comm.rank() == 0) std::cout << "step " << step << ": " << last << '\n';
  }
  // All spins along the field have −h·n; the chain's ground state is lower than −1.2 a spin.
  check(last < -1.15 * n_qubits ? 1 : 0, 1, 0, "whether the energy went down");
  return 0;
}
