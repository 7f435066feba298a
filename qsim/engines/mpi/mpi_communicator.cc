#include "qsim/engines/mpi/mpi_communicator.h"

#include <algorithm>

#include "qsim/core/error.h"
#include "qsim/core/parallel.h"

namespace qsim {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // of a message

bool mpi_runs() {
  int started = 0;
  int ended = 0;
  MPI_Initialized(&started);
  MPI_Finalized(&ended);
  return started != 0 && ended == 0;
}

int thread_level() {
  int level = MPI_THREAD_SINGLE;
  MPI_Query_thread(&level);
  return level;
}

// Kernels run on several threads; none but the caller's calls MPI.
void check_threads() {
  require(thread_level() >= MPI_THREAD_FUNNELED || num_threads() == 1,
          "MPI was started without support for threads, and ", num_threads(),
          " are in use: start it with MPI_THREAD_FUNNELED at least, ",
          "or set the number of threads to 1");
}

void check_thread() {
  int is_main = 0;
  MPI_Is_thread_main(&is_main);
  require(is_main != 0 || thread_level() >= MPI_THREAD_SERIALIZED,
          "this is not the thread that started MPI, ",
          "which came without support for others: start it with MPI_THREAD_SERIALIZED at least");
}

}  // namespace

MpiSession::MpiSession() {
  int started = 0;
  MPI_Initialized(&started);
  if (started != 0) return;
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  started_ = true;
}

MpiSession::~MpiSession() {
  if (started_) MPI_Finalize();
}

MpiCommunicator::MpiCommunicator(MPI_Comm comm) {
  require(mpi_runs(), "MPI does not run: start it first, by MPI_Init_thread or an MpiSession");
  require(comm != MPI_COMM_NULL, "the communicator is MPI_COMM_NULL");
  check_thread();
  MPI_Comm_size(comm, &size_);
  require_power_of_two(size_);
  MPI_Comm_dup(comm, &comm_);
  MPI_Comm_set_errhandler(comm_, MPI_ERRORS_ARE_FATAL);
  MPI_Comm_rank(comm_, &rank_);
  try {
    together([] { check_threads(); });  // whose number may be another on every process
  } catch (...) {
    MPI_Comm_free(&comm_);
    throw;
  }
}

MpiCommunicator::~MpiCommunicator() {
  if (comm_ != MPI_COMM_NULL && mpi_runs()) MPI_Comm_free(&comm_);
}

void MpiCommunicator::start_trade(int partner, std::span<const std::byte> out,
                                  std::span<std::byte> in, Traffic traffic) {
  const int tag = traffic == Traffic::kAmplitudes ? kAmplitudeTag : kAgreementTag;
  for (std::size_t first = 0; first < out.size(); first += kMostBytes) {
    const auto count = static_cast<int>(std::min(kMostBytes, out.size() - first));
    MPI_Irecv(in.data() + first, count, MPI_BYTE, partner, tag, comm_, &under_way_.emplace_back());
    MPI_Isend(out.data() + first, count, MPI_BYTE, partner, tag, comm_, &under_way_.emplace_back());
  }
}

void MpiCommunicator::finish() {
  MPI_Waitall(static_cast<int>(under_way_.size()), under_way_.data(), MPI_STATUSES_IGNORE);
  under_way_.clear();
}

}  // namespace qsim
