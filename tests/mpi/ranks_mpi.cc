#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <numeric>

#include "qsim/compile/rank_plan.h"
#include "qsim/core/atomic_file.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/mpi/mpi_communicator.h"
#include "qsim/engines/ranks/moves.h"
#include "qsim/engines/ranks/rank_costs.h"
#include "qsim/engines/ranks/rank_file.h"
#include "qsim/library/fourier.h"
#include "tests/mpi/counted_bytes.h"
#include "tests/qsim/engines/ranks/rank_cases.h"

// States over MPI, each command a test that scripts/mpi.sh runs on some processes. A test that
// fails says why and ends its process with 1.

namespace {

using namespace reference;  // NOLINT(google-build-using-namespace)
using qsim::Communicator;

void expect(bool holds, const std::string& what) {
  if (holds) return;
  std::cerr << "failed: " << what << '\n';
  std::exit(1);
}

int least_qubits(const Communicator& comm) { return comm.rank_bits() + 3; }

RankCase some_case(const Communicator& comm, int seed) {
  return {least_qubits(comm) + seed % 3, 25, static_cast<std::uint64_t>(seed), seed % 4 == 0};
}

// Random programs against dense algebra and the engines of one process.
void differential(Communicator& comm) {
  constexpr double kLargest = 1e-13;
  Largest all;
  for (int seed = 0; seed < 24; ++seed) {
    const RankCase c = some_case(comm, seed);
    for (const double error : {state_error<double>(comm, c), vjp_error<double>(comm, c)}) {
      all.add({error}, {0.0});
      expect(error < kLargest,
             "seed " + std::to_string(seed) + " errs by " + std::to_string(error * 1e13) + "e-13");
    }
    if (seed % 6 == 0) {
      const double error = values_error<double>(comm, c);
      all.add({error}, {0.0});
      expect(error < kLargest, "the Jacobian of seed " + std::to_string(seed));
    }
    expect(different_samples<double>(comm, c) == 0, "samples of seed " + std::to_string(seed));
    expect(state_error<float>(comm, c) < kTolerance<float>, "single precision");
  }
  if (comm.rank() == 0) std::cout << "largest error " << all.value() << '\n';
}

// Every bit of what comes out, to be compared between runs.
void bits(Communicator& comm) {
  const RankCase c = some_case(comm, 3);
  qsim::RankProgram<double> program(comm, c.program);
  const auto found = program.vjp(Quantity::kExpval, c.parameters, std::vector<double>{1, 2, 3});
  std::vector<double> all = found.values;
  all.insert(all.end(), found.gradient.begin(), found.gradient.end());
  const auto amplitudes = program.run(c.parameters).amplitudes(0, 8);
  for (const double part : parts(amplitudes)) all.push_back(part);
  if (comm.rank() != 0) return;
  for (const double value : all) std::cout << std::hexfloat << value << '\n';
}

// What MPI was given is what the plan says, to the byte.
void bytes(Communicator& comm) {
  qsim::set_piece_bytes(1 << 12);
  const auto check = [&](const qsim::Program& given, const std::vector<double>& parameters,
                         const std::string& what) {
    const qsim::RankCosts costs = qsim::rank_costs<double>(given, comm.rank_bits());
    qsim::RankProgram<double> program(comm, given);
    const auto sent = [&](const auto& run) {
      counted_bytes() = {};
      run();
      return static_cast<double>(counted_bytes().amplitudes);
    };
    expect(sent([&] { program.run(parameters); }) == costs.sent_bytes, what + ": run");
    expect(counted_bytes().largest <= std::uint64_t{64} << 20, what + ": a message is too long");
    if (given.observables.empty()) return;
    expect(sent([&] { program.values(Quantity::kExpval, parameters); }) ==
               costs.sent_bytes + costs.shown_bytes,
           what + ": expectation values");
    const std::vector<double> ones(given.observables.size(), 1.0);
    expect(sent([&] { program.vjp(Quantity::kExpval, parameters, ones); }) ==
               costs.sent_bytes + costs.shown_bytes + costs.sent_back_bytes,
           what + ": gradient");
  };
  for (const int n : {8, 13, 16}) {
    check(qsim::compile_for_ranks(qsim::qft(n)), {}, "qft");
  }
  for (int seed = 40; seed < 50; ++seed) {
    RankCase c(11, 60, static_cast<std::uint64_t>(seed));
    // One sum, so that its masks are those of the bra too.
    const auto sum = std::get<qsim::PauliSum>(c.program.observables[0]);
    const qsim::Program program = qsim::compile_for_ranks(c.circuit, {qsim::Observable(sum)});
    check(program, c.parameters, "seed " + std::to_string(seed));
  }
}

RankCase saved_case() { return {9, 40, 77}; }

void save(Communicator& comm, const std::string& path) {
  const RankCase c = saved_case();
  auto state = qsim::RankProgram<double>(comm, c.program).run(c.parameters);
  qsim::save_ranks(state, path);
}

void load(Communicator& comm, const std::string& path) {
  const RankCase c = saved_case();
  const auto state = qsim::load_ranks<double>(comm, path);
  Largest error;
  error.add(parts(state.amplitudes(0, qsim::bit(9))), parts(simulate(c.circuit, c.values)));
  expect(error.value() < 1e-13, "what was loaded is not what was saved");
}

// A rank cannot write: all are told, and nothing is left.
void full_disk(Communicator& comm, const std::string& path) {
  const std::string error = error_of<qsim::FileError>([&] { save(comm, path); });
  expect(contains(error, "cannot write"), "a full disk says: " + error);
  if (comm.rank() != 1) expect(contains(error, "rank 1: "), "a full disk says: " + error);
}

// Every call with arguments of its own on one rank.
void different_arguments(Communicator& comm) {
  const bool odd = comm.rank() == 1;
  const RankCase c(6, 20, 5);
  qsim::RankProgram<double> program(comm, c.program);
  const auto state = program.run(c.parameters);
  std::string error =
      error_of<qsim::ValueError>([&] { static_cast<void>(state.amplitudes(0, odd ? 4 : 8)); });
  expect(contains(error, "range of amplitudes"), error);
  error = error_of<qsim::ValueError>(
      [&] { static_cast<void>(state.probabilities(std::vector<qsim::Qubit>{odd ? 1 : 0})); });
  expect(contains(error, "list of qubits"), error);
  error = error_of<qsim::ValueError>([&] { qsim::RankState<double>(comm, odd ? 7 : 6); });
  expect(contains(error, "number of qubits or precision"), error);
  error = error_of<qsim::ValueError>([&] {
    if (odd) {
      qsim::RankProgram<float>(comm, c.program);
    } else {
      qsim::RankProgram<double>(comm, c.program);
    }
  });
  expect(contains(error, "rank 1 has another program"), error);
  error = error_of<qsim::ValueError>([&] {
    program.vjp(Quantity::kExpval, c.parameters, std::vector<double>{1, 2, odd ? 4.0 : 3.0});
  });
  expect(contains(error, "quantity or cotangent"), error);
  error = error_of<qsim::ValueError>([&] {
    program.vjp(Quantity::kExpval, c.parameters, std::vector<double>{1, 2, 3}, odd);
  });
  expect(contains(error, "other results to return"), error);
  error = error_of<qsim::ValueError>(
      [&] { program.values(odd ? Quantity::kVariance : Quantity::kExpval, c.parameters); });
  expect(contains(error, "quantity or cotangent"), error);
}

// What is wrong on one rank raises on all.
void errors(Communicator& comm) {
  const bool odd = comm.rank() == 1;
  const RankCase c(6, 20, 5);
  const RankCase other(6, 20, 6);
  std::string error = error_of<qsim::ValueError>(
      [&] { qsim::RankProgram<double>(comm, odd ? other.program : c.program); });
  expect(contains(error, "rank 1 has another program than rank 0"), "programs: " + error);
  qsim::RankProgram<double> program(comm, c.program);
  std::vector<double> parameters = c.parameters;
  if (odd) parameters[0] += 1;
  error = error_of<qsim::ValueError>([&] { program.run(parameters); });
  expect(contains(error, "rank 1 has another program, or other parameters"),
         "parameters: " + error);
  parameters = c.parameters;
  if (odd) parameters[0] = NAN;
  error = error_of<qsim::ValueError>([&] { program.run(parameters); });
  expect(contains(error, "is nan; it must be finite"), "a parameter: " + error);
  auto state = program.run(c.parameters);
  error = error_of<qsim::ValueError>([&] { static_cast<void>(state.sample(10, odd ? 2 : 1)); });
  expect(contains(error, "seed"), "seeds: " + error);
  error = error_of<qsim::RankError>([&] {
    comm.together([&] {
      if (odd) throw qsim::RankError("stopped by hand");
    });
  });
  expect(contains(error, odd ? "stopped by hand" : "rank 1: stopped by hand"), error);
  error = error_of<std::bad_alloc>([&] {
    comm.together([&] {
      if (odd) throw qsim::MemoryError("too much");
    });
  });
  expect(contains(error, "too much"), error);
  error = error_of<qsim::ValueError>([&] { qsim::RankState<double>(comm, comm.rank_bits()); });
  expect(contains(error, "ranks are too many"), error);
  different_arguments(comm);
  // And all go on.
  expect(state_error<double>(comm, c) < 1e-13, "after errors");
}

// One process is killed while the others wait for it.
void killed(Communicator& comm) {
  const RankCase c = some_case(comm, 1);
  qsim::RankProgram<double> program(comm, c.program);
  for (int k = 0;; ++k) {
    if (comm.rank() == 1 && k == 3) raise(SIGKILL);
    program.run(c.parameters);
  }
}

void refused() {
  const std::string error =
      error_of<qsim::ValueError>([] { qsim::MpiCommunicator(MPI_COMM_WORLD); });
  std::cout << error << '\n';
}

// A communicator of the caller's that is not the world; the caller's stays.
void parts_of_world() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm half = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, 0, &half);
  {
    qsim::MpiCommunicator comm(half);
    const RankCase c = some_case(comm, 10 + rank % 2);
    expect(state_error<double>(comm, c) < 1e-13, "half of the world");
  }
  int size = 0;
  expect(MPI_Comm_size(half, &size) == MPI_SUCCESS && size >= 1, "the caller's communicator");
  MPI_Comm_free(&half);
}

int run(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  const std::string path = argc > 2 ? argv[2] : "";
  qsim::set_num_threads(1);
  if (command == "single-threads") {
    qsim::set_num_threads(2);
    MPI_Init(nullptr, nullptr);
    refused();
    MPI_Finalize();
    return 0;
  }
  if (command == "not-started") {
    refused();
    return 0;
  }
  const qsim::MpiSession session;
  if (command == "refused") {
    refused();
    return 0;
  }
  if (command == "halves") {
    parts_of_world();
    return 0;
  }
  qsim::MpiCommunicator comm(MPI_COMM_WORLD);
  const std::map<std::string, std::function<void()>> commands{
      {"differential", [&] { differential(comm); }},
      {"bits", [&] { bits(comm); }},
      {"bytes", [&] { bytes(comm); }},
      {"save", [&] { save(comm, path); }},
      {"load", [&] { load(comm, path); }},
      {"full-disk", [&] { full_disk(comm, path); }},
      {"errors", [&] { errors(comm); }},
      {"killed", [&] { killed(comm); }}};
  expect(commands.contains(command), "no command '" + command + "'");
  commands.at(command)();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "failed: " << error.what() << '\n';
    return 1;
  }
}
