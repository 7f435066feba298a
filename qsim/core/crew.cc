#include "qsim/core/crew.h"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

#include <algorithm>
#include <system_error>
#include <thread>

#include "qsim/core/fork.h"

namespace qsim {
namespace {

Crew* current = nullptr;  // guarded by fork_mutex()

#if defined(__unix__) || defined(__APPLE__)
const int registered = pthread_atfork(nullptr, nullptr, [] { current = nullptr; });
#endif

thread_local int own_number = 0;
thread_local bool at_work = false;

void work_on(const std::function<void(int)>& task, int number) {
  own_number = number;
  at_work = true;
  task(number);
  at_work = false;
  own_number = 0;
}

}  // namespace

Crew& Crew::get() {
  const std::lock_guard lock(fork_mutex());
  if (current == nullptr) current = new Crew;
  return *current;
}

int Crew::worker() { return own_number; }

bool Crew::is_at_work() { return at_work; }

void Crew::run(int workers, const std::function<void(int)>& task) {
  const std::unique_lock region(region_, std::try_to_lock);
  if (!region.owns_lock()) return work_on(task, 0);
  {
    const std::lock_guard lock(mutex_);
    hire(workers - 1);
    task_ = &task;
    begun_ = 0;
    open_ = std::min(workers - 1, size_);
  }
  wake_.notify_all();
  work_on(task, 0);
  std::unique_lock lock(mutex_);
  open_ = 0;  // the work is shared out: who has not begun comes too late
  done_.wait(lock, [this] { return running_ == 0; });
}

void Crew::hire(int wanted) {
  try {
    for (; size_ < wanted; ++size_) std::thread([this] { serve(); }).detach();
  } catch (const std::system_error&) {  // no more threads to be had: those there are do the work
  }
}

void Crew::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return open_ > 0; });
    --open_;
    ++running_;
    const int number = ++begun_;
    const auto& task = *task_;
    lock.unlock();
    work_on(task, number);
    lock.lock();
    --running_;
    if (running_ == 0) done_.notify_all();
  }
}

}  // namespace qsim
