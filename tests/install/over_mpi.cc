// A state over MPI, as a user of the installed component would run it; alone it is one process.
#include <qsim/engines/mpi/mpi_communicator.h>
#include <qsim/engines/ranks/rank_program.h>

#include <vector>

#include "families.h"

int main() {
  const qsim::MpiSession session;
  qsim::MpiCommunicator comm(MPI_COMM_WORLD);
  const qsim::Circuit circuit = qsim::Circuit(4).rx(qsim::Parameter("theta"), 3);
  qsim::RankProgram<double> program(comm, qsim::compile_for_ranks(circuit, "Z3"));
  const std::vector<double> theta{0.7};
  const std::vector<double> one{1.0};
  const auto [values, gradient] = program.vjp(qsim::Quantity::kExpval, theta, one);
  check(values[0], std::cos(0.7), "cos 0.7");
  check(gradient[0], -std::sin(0.7), "its slope");
}
