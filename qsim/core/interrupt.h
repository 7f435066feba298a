#pragma once

#include <functional>

namespace qsim {

// Long loops call poll_interrupt() on the thread that entered the library, a few times a second at
// most doing any work; the hook (Python's signal check) may throw to abandon the loop. Inside a
// parallel region, where nobody could catch that, it does nothing.
void set_interrupt_hook(std::function<void()> hook);
void poll_interrupt();

}  // namespace qsim
