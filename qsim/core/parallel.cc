#include "qsim/core/parallel.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "qsim/core/crew.h"
#include "qsim/core/error.h"
#include "qsim/core/fork.h"
#include "qsim/core/interrupt.h"

namespace qsim {
namespace {

constexpr int kMostThreads = 1024;
std::atomic<int> requested_threads{0};

// Thrown by leave_failed_region; the region's first error says why.
struct Abandoned {};

// Keeps the exception of the lowest index, so that errors too are the same for any thread count.
class FirstError {
 public:
  void capture(Index index) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    if (error_ == nullptr || index < index_) {
      index_ = index;
      error_ = std::current_exception();
    }
  }
  [[nodiscard]] bool failed() const { return failed_; }
  void rethrow() const {
    if (error_ != nullptr) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> failed_{false};
  Index index_ = 0;
  std::exception_ptr error_;
};

thread_local const FirstError* region_error = nullptr;

}  // namespace

void set_num_threads(int threads) {
  require(threads >= 0 && threads <= kMostThreads, "number of threads ", threads,
          " is outside [0, ", kMostThreads, "]");
  requested_threads = threads;
}

int num_threads() {
  const int requested = requested_threads;
  return requested > 0 ? requested : omp_get_max_threads();
}

bool is_helper_thread() { return omp_get_thread_num() != 0 || Crew::worker() != 0; }

void leave_failed_region() {
  if (region_error != nullptr && region_error->failed()) throw Abandoned{};
}

int openmp_version() { return _OPENMP; }

void parallel_for_workers(Index count, int workers, const std::function<void(Index, int)>& body) {
  if (workers == 1 || count <= 1 || omp_in_parallel() != 0 || Crew::is_at_work()) {
    for (Index i = 0; i < count; ++i) {
      poll_interrupt();
      body(i, 0);
    }
    return;
  }
  FirstError error;
  const auto part = [&](Index i, int worker) {
    if (error.failed()) return;
    region_error = &error;
    try {
      poll_interrupt();
      body(i, worker);
    } catch (const Abandoned&) {  // the error that stopped it is kept already
    } catch (...) {
      error.capture(i);
    }
    region_error = nullptr;
  };
  // The pools of OpenMP's runtimes do not survive a fork: GCC's waits for threads that are gone.
  if (is_forked_child()) {
    std::atomic<Index> next{0};
    Crew::get().run(static_cast<int>(std::min(static_cast<Index>(workers), count)),
                    [&](int worker) {
                      for (Index i = next++; i < count; i = next++) part(i, worker);
                    });
  } else {
#pragma omp parallel for num_threads(workers) schedule(dynamic)
    for (Index i = 0; i < count; ++i) part(i, omp_get_thread_num());
  }
  error.rethrow();
}

void parallel_for(Index count, const std::function<void(Index)>& body) {
  parallel_for_workers(count, num_threads(), [&body](Index i, int) { body(i); });
}

}  // namespace qsim
