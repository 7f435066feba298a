#include "qsim/core/progress.h"

#include "qsim/core/parallel.h"

namespace qsim {

void Progress::poll() {
  constexpr auto kInterval = std::chrono::milliseconds(100);
  if (!report_ || is_helper_thread()) return;
  const std::int64_t done = done_;
  if (done == reported_ || done >= all_ || Clock::now() - last_ < kInterval) return;
  report_(done, all_);
  reported_ = done;
  last_ = Clock::now();
}

void Progress::finish() {
  if (report_) report_(all_, all_);
}

}  // namespace qsim
