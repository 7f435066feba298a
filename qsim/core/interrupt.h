#pragma once

#include <cstddef>
#include <functional>

namespace qsim {

// Long loops call poll_interrupt(), which asks the hook (Python's signal check) some twenty times a
// second, on the thread that entered the library only; the hook may throw to abandon the loop. In a
// parallel region the other threads abandon their parts at their next call.
void set_interrupt_hook(std::function<void()> hook);
void poll_interrupt();

// The same for steps of which there may be millions: polls whenever a thread has counted so many
// units of work, each of up to a hundred nanoseconds. Costs about one.
inline constexpr std::size_t kWorkBetweenPolls = 10'000;
inline thread_local constinit std::size_t work_since_poll = 0;

inline void count_work(std::size_t units = 1) {
  work_since_poll += units;
  if (work_since_poll < kWorkBetweenPolls) return;
  work_since_poll = 0;
  poll_interrupt();
}

}  // namespace qsim
