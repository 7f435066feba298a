#include "qsim/core/interrupt.h"

#include <atomic>
#include <chrono>
#include <utility>

#include "qsim/core/parallel.h"

namespace qsim {
namespace {

std::function<void()>& hook() {
  static auto& value = *new std::function<void()>;  // threads may run on while the process exits
  return value;
}

std::atomic<std::chrono::steady_clock::rep> last_poll{0};

}  // namespace

void set_interrupt_hook(std::function<void()> new_hook) { hook() = std::move(new_hook); }

void poll_interrupt() {
  using Clock = std::chrono::steady_clock;
  constexpr auto kInterval = std::chrono::milliseconds(50);
  leave_failed_region();
  if (!hook() || is_helper_thread()) return;
  const auto now = Clock::now().time_since_epoch();
  if (now - Clock::duration(last_poll.load(std::memory_order_relaxed)) < kInterval) return;
  last_poll.store(now.count(), std::memory_order_relaxed);
  hook()();
}

}  // namespace qsim
