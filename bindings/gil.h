#pragma once

#include <pybind11/pybind11.h>

#ifdef __GLIBCXX__
#include <cxxabi.h>
#endif

// The lock of the interpreter. A daemon thread that asks for it while Python ends is ended by
// pthread_exit() (up to Python 3.13), which unwinds its stack: through destructors, which ends the
// process, and through cleanups that touch Python objects while another thread holds the lock. So
// before Python ends, the threads that are inside the module and hold the lock are let out of it;
// those without the lock, and those that come in later, wait until the process is gone, as Python
// itself has them do from 3.14 on. pybind11's gil_scoped_release and gil_scoped_acquire know
// nothing of this; they are not to be used.

namespace ketgrad {

namespace py = pybind11;

[[noreturn]] void wait_for_the_end();

// Has threads let out of the module before Python ends.
void watch_the_end();

// Calls what may run Python code for as long as it likes, so that the thread may end in it. To be
// wrapped around a call of Python's C interface alone: whatever lies between would be unwound.
template <class Call>
auto outliving_python(const Call& call) {
#ifdef __GLIBCXX__
  try {
    return call();
  } catch (const abi::__forced_unwind&) {
    wait_for_the_end();
  }
#else
  return call();
#endif
}

// A thread's way through a function of the module.
class Inside {
 public:
  Inside();
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

// Lets other threads run Python for a scope.
class WithoutGil {
 public:
  WithoutGil();
  ~WithoutGil();
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

 private:
  PyThreadState* outer_;
};

// Runs Python within the scope of a WithoutGil of the same thread; does nothing where there is none
// and the thread has the lock anyway.
class WithGil {
 public:
  WithGil();
  ~WithGil();
  WithGil(const WithGil&) = delete;
  WithGil& operator=(const WithGil&) = delete;

 private:
  PyThreadState* state_;
};

// What a callback returns, called with the lock held.
py::object call_back(const py::function& callback, const py::tuple& arguments);

}  // namespace ketgrad
