#include "qsim/core/fork.h"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

namespace qsim {
namespace {

// Linux tells of a process whether it was forked and never called exec: one that loads this library
// after the fork may have a parent that used the threads of OpenMP's runtime.
bool system_says_forked() {
  constexpr unsigned long kForkedWithoutExec = 0x40;  // PF_FORKNOEXEC, Linux' include/linux/sched.h
  constexpr int kFieldsBefore = 6;                    // from the name in parentheses to the flags
  std::ifstream file("/proc/self/stat");
  file.ignore(std::numeric_limits<std::streamsize>::max(), '(');
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  std::size_t at = name_end + 1;
  for (int k = 0; k < kFieldsBefore && at != std::string::npos; ++k) at = text.find(' ', at + 1);
  if (at == std::string::npos) return false;
  return (std::strtoul(text.c_str() + at, nullptr, 10) & kForkedWithoutExec) != 0;
}

std::atomic<bool> forked{false};

// The library is loaded before the first of its functions runs on any thread.
const bool watched = [] {
  if (system_says_forked()) forked = true;
#if defined(__unix__) || defined(__APPLE__)
  pthread_atfork([] { fork_mutex().lock(); }, [] { fork_mutex().unlock(); },
                 [] {
                   fork_mutex().unlock();
                   forked = true;
                 });
#endif
  return true;
}();

}  // namespace

bool is_forked_child() { return forked; }

std::mutex& fork_mutex() {
  static std::mutex& mutex =
      *new std::mutex;  // outlives threads that run on while the process exits
  return mutex;
}

}  // namespace qsim
