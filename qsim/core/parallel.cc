#include "qsim/core/parallel.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>

#include "qsim/core/crew.h"
#include "qsim/core/error.h"
#include "qsim/core/fork.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/made_once.h"

namespace qsim {
namespace {

constexpr int kMostThreads = 1024;
std::atomic<int> requested_threads{0};

// Where a compiler has no OpenMP, the crew does all work, and OMP_NUM_THREADS says nothing.
#ifdef _OPENMP
constexpr int kOpenMp = _OPENMP;
int openmp_threads() { return omp_get_max_threads(); }
int openmp_thread() { return omp_get_thread_num(); }
bool in_openmp_region() { return omp_in_parallel() != 0; }
#else
constexpr int kOpenMp = 0;
int openmp_threads() { return kMostThreads; }
int openmp_thread() { return 0; }
bool in_openmp_region() { return false; }
#endif

// OpenMP knows OMP_NUM_THREADS and the affinity, as they were when it was loaded, and whoever
// limits it later (threadpoolctl); what it does not know is another limit, but none beside
// OMP_NUM_THREADS.
struct Default {
  std::string asked;  // OMP_NUM_THREADS
  ThreadShare share;
};

const Default& default_threads() {
  return made_once([] {
    const char* const asked = std::getenv("OMP_NUM_THREADS");  // NOLINT(concurrency-mt-unsafe)
    const bool counts = kOpenMp != 0 && asked != nullptr;
    return Default{counts ? asked : "", share_of(this_machine())};
  });
}

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
  if (requested > 0) return requested;
  const Default& found = default_threads();
  const int openmp = openmp_threads();
  return found.asked.empty() ? std::min(openmp, found.share.threads) : openmp;
}

ThreadShare thread_share() {
  const int threads = num_threads();
  if (requested_threads > 0) return {threads, "set_num_threads"};
  const Default& found = default_threads();
  if (!found.asked.empty()) return {threads, "OMP_NUM_THREADS=" + found.asked};
  if (threads < found.share.threads) return {threads, "as OpenMP is told in this process"};
  return found.share;
}

bool is_helper_thread() { return openmp_thread() != 0 || Crew::worker() != 0; }

void leave_failed_region() {
  if (region_error != nullptr && region_error->failed()) throw Abandoned{};
}

int openmp_version() { return kOpenMp; }

void parallel_for_workers(Index count, int workers, const std::function<void(Index, int)>& body) {
  if (workers == 1 || count <= 1 || in_openmp_region() || Crew::is_at_work()) {
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
  if (kOpenMp == 0 || is_forked_child()) {
    std::atomic<Index> next{0};
    Crew::get().run(static_cast<int>(std::min(static_cast<Index>(workers), count)),
                    [&](int worker) {
                      for (Index i = next++; i < count; i = next++) part(i, worker);
                    });
  } else {
#pragma omp parallel for num_threads(workers) schedule(dynamic)
    for (Index i = 0; i < count; ++i) part(i, openmp_thread());
  }
  error.rethrow();
}

void parallel_for(Index count, const std::function<void(Index)>& body) {
  parallel_for_workers(count, num_threads(), [&body](Index i, int) { body(i); });
}

}  // namespace qsim
