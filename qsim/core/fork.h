#pragma once

#include <mutex>

// A forked child has the thread that forked and no other: what those held or waited for stays as it
// was for ever.

namespace qsim {

// Whether this process is a fork of another that has not started a program of its own since.
bool is_forked_child();

// For what threads share beyond one call: a fork waits until nobody holds it, so that no child
// finds it held, or the things it guards half-changed. To be held shortly, and for nothing that may
// lock again.
std::mutex& fork_mutex();

}  // namespace qsim
