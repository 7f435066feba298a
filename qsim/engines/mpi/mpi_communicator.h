#pragma once

#include <mpi.h>

#include <vector>

#include "qsim/engines/ranks/communicator.h"

// Ranks that are the processes of MPI; a library of its own (ketgrad::mpi, CMake's KETGRAD_MPI).

namespace qsim {

// MPI for as long as it lives, for programs that leave it to us: starts it where nobody has, and
// then ends it. With threads that leave MPI to the one that started it.
class MpiSession {
 public:
  MpiSession();
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

 private:
  bool started_ = false;
};

// The processes of a communicator, which stays the caller's: ours is a duplicate, so that messages
// never mix. Errors of MPI itself, among them another process that is gone, end all processes.
class MpiCommunicator final : public Communicator {
 public:
  // ValueError on all processes where MPI does not run, their number is no power of two, or MPI
  // came without support for the threads in use.
  explicit MpiCommunicator(MPI_Comm comm);
  ~MpiCommunicator() override;
  MpiCommunicator(const MpiCommunicator&) = delete;
  MpiCommunicator& operator=(const MpiCommunicator&) = delete;

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  void finish() override;

  // The tags of messages: of amplitudes, and of everything else.
  static constexpr int kAmplitudeTag = 1;
  static constexpr int kAgreementTag = 2;

 private:
  void start_trade(int partner, std::span<const std::byte> out, std::span<std::byte> in,
                   Traffic traffic) override;

  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  std::vector<MPI_Request> under_way_;
};

}  // namespace qsim
