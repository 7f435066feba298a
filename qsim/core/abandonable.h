#pragma once

#include <Eigen/Core>
#include <chrono>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "qsim/core/interrupt.h"

namespace qsim {

// Calls work(), which is long for matrices of a large size and has no loop of ours (a decomposition
// by Eigen), so that interrupts are heard: on a thread of its own, which is left to itself then. So
// work must own what it works on, and change nothing else.
template <class Work>
auto abandonable(Eigen::Index size, Work work) -> decltype(work()) {
  constexpr Eigen::Index kLong = 128;  // some milliseconds
  if (size < kLong) return work();
  constexpr auto kPollEvery = std::chrono::milliseconds(20);
  using Task = std::packaged_task<decltype(work())()>;
  const auto task = std::make_shared<Task>(std::move(work));
  auto result = task->get_future();
  try {
    std::thread([task] { (*task)(); }).detach();
  } catch (const std::system_error&) {  // no more threads to be had
    (*task)();
  }
  while (result.wait_for(kPollEvery) != std::future_status::ready) poll_interrupt();
  return result.get();
}

}  // namespace qsim
