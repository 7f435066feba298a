#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

namespace qsim {

// How much of a long job is done, reported some ten times a second at most, on the thread that
// entered the library only. What is reported to may throw to abandon the job.
class Progress {
 public:
  using Report = std::function<void(std::int64_t done, std::int64_t all)>;

  Progress(std::int64_t all, Report report) : all_(all), report_(std::move(report)) {}

  // On any thread.
  void add(std::int64_t more) { done_ += more; }
  void set(std::int64_t done) { done_ = done; }

  // Reports where it is time to, and something but not all is done.
  void poll();
  // Reports that all is done.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  std::int64_t all_;
  Report report_;
  std::atomic<std::int64_t> done_{0};
  std::int64_t reported_ = 0;
  Clock::time_point last_ = Clock::now();
};

}  // namespace qsim
