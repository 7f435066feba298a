#pragma once

#include <cstddef>

#include "qsim/core/interrupt.h"

namespace qsim {

// Polls for interrupts in loops of millions of short steps: whenever a thread has counted so many
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
