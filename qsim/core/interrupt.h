#pragma once

#include <functional>

namespace qsim {

// Long loops call poll_interrupt(), which asks the hook (Python's signal check) some twenty times a
// second, on the thread that entered the library only; the hook may throw to abandon the loop. In a
// parallel region the other threads abandon their parts at their next call.
void set_interrupt_hook(std::function<void()> hook);
void poll_interrupt();

}  // namespace qsim
