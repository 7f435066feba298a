#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

namespace qsim {

// Threads for parallel regions in forked children, where those of OpenMP's runtime are gone.
class Crew {
 public:
  // That of this process: a child of a child gets its own. Never destroyed, for its threads wait in
  // it while the process exits.
  static Crew& get();

  // Runs task(0) on the caller and task(1), task(2), … on up to workers - 1 threads: fewer where
  // the system has no more, none where another caller has them. The tasks share out the work among
  // themselves and must not throw.
  void run(int workers, const std::function<void(int)>& task);

  // The number of the task that the caller runs; 0 where it runs none.
  static int worker();
  // Whether the caller runs a task.
  static bool is_at_work();

 private:
  void hire(int wanted);
  void serve();

  std::mutex region_;  // one at a time
  std::mutex mutex_;   // of what follows
  std::condition_variable wake_;
  std::condition_variable done_;
  const std::function<void(int)>* task_ = nullptr;
  int size_ = 0;     // threads there are
  int open_ = 0;     // tasks that nobody has begun
  int begun_ = 0;    // tasks of this region that threads have begun
  int running_ = 0;  // and not ended
};

}  // namespace qsim
