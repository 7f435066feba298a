#pragma once

#include <filesystem>
#include <limits>
#include <string>

namespace qsim {

// How many threads a process should take of its machine, and why.
struct ThreadShare {
  int threads = 1;
  std::string why{};
};

// What a process can find out about that.
struct Machine {
  int processors = 1;  // that it may run on: its affinity
  int shared = 1;  // that all processes beside it may run on: those of the machine, or of a group
  double quota = std::numeric_limits<double>::infinity();  // of their time, in a control group
  int processes = 1;       // of one run of a launcher of MPI programs on this machine
  std::string launcher{};  // the variable that says so
};

// As the system and the environment say; `root` is where /proc and /sys are, for tests.
Machine this_machine(const std::filesystem::path& root = "/");

// One thread for every processor, with a part of one counted as one. The processes of a launcher
// share quota and machine, but not an affinity: a launcher that binds has shared that out already.
ThreadShare share_of(const Machine& machine);

}  // namespace qsim
