#include "qsim/core/parallel.h"

#include <omp.h>

#include <atomic>
#include <exception>
#include <mutex>

#include "qsim/core/error.h"

namespace qsim {
namespace {

constexpr int kMostThreads = 1024;
std::atomic<int> requested_threads{0};

// Keeps the exception of the lowest index, so that errors too are the same for any thread count.
class FirstError {
 public:
  void capture(Index index) {
    const std::lock_guard lock(mutex_);
    if (error_ == nullptr || index < index_) {
      index_ = index;
      error_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (error_ != nullptr) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  Index index_ = 0;
  std::exception_ptr error_;
};

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

bool in_parallel() { return omp_in_parallel() != 0; }

void parallel_for_workers(Index count, const std::function<void(Index, int)>& body) {
  const int threads = num_threads();
  if (threads == 1 || count <= 1 || in_parallel()) {
    for (Index i = 0; i < count; ++i) body(i, 0);
    return;
  }
  FirstError error;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (Index i = 0; i < count; ++i) {
    try {
      body(i, omp_get_thread_num());
    } catch (...) {
      error.capture(i);
    }
  }
  error.rethrow();
}

void parallel_for(Index count, const std::function<void(Index)>& body) {
  parallel_for_workers(count, [&body](Index i, int) { body(i); });
}

}  // namespace qsim
