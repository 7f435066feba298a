#include "bindings/gil.h"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace ketgrad {
namespace {

// Set, for good, by the thread that ends Python.
std::atomic<bool> ending{false};
thread_local bool ends_python = false;

// Threads inside the module, and those of them that have released the lock. Whoever changes or
// reads these has the lock.
int inside = 0;
int released_inside = 0;

thread_local int call_depth = 0;                 // of calls into the module
thread_local PyThreadState* released = nullptr;  // what the innermost scope without the lock saved

bool is_late() { return ending && !ends_python; }

PyThreadState* release() {
  if (call_depth > 0) ++released_inside;
  return PyEval_SaveThread();
}

void restore(PyThreadState* state) {
  if (is_late()) wait_for_the_end();
  outliving_python([state] { PyEval_RestoreThread(state); });
  if (call_depth > 0) --released_inside;
}

void let_threads_out() {
  using Steady = std::chrono::steady_clock;
  constexpr auto kStep = std::chrono::milliseconds(1);
  constexpr auto kPatience = std::chrono::seconds(1);  // with callbacks
  ends_python = true;
  ending = true;
  const int own = call_depth > 0 ? 1 : 0;
  for (const auto start = Steady::now();
       inside - own > released_inside && Steady::now() - start < kPatience;) {
    PyThreadState* const state = PyEval_SaveThread();
    std::this_thread::sleep_for(kStep);
    PyEval_RestoreThread(state);
  }
}

}  // namespace

void wait_for_the_end() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

void watch_the_end() {
  py::module_::import("atexit").attr("register")(py::cpp_function(&let_threads_out));
#if defined(__unix__) || defined(__APPLE__)
  pthread_atfork(nullptr, nullptr, [] {  // the other threads are gone
    inside = call_depth > 0 ? 1 : 0;
    released_inside = 0;
  });
#endif
}

Inside::Inside() {
  if (is_late()) {
    PyEval_SaveThread();
    wait_for_the_end();
  }
  if (++call_depth == 1) ++inside;
}

Inside::~Inside() {
  if (--call_depth == 0) --inside;
}

WithoutGil::WithoutGil() : outer_(std::exchange(released, nullptr)) { released = release(); }

WithoutGil::~WithoutGil() { restore(std::exchange(released, outer_)); }

WithGil::WithGil() : state_(std::exchange(released, nullptr)) {
  if (state_ != nullptr) restore(state_);
}

WithGil::~WithGil() {
  if (state_ != nullptr) released = release();
}

py::object call_back(const py::function& callback, const py::tuple& arguments) {
  PyObject* const result =
      outliving_python([&] { return PyObject_CallObject(callback.ptr(), arguments.ptr()); });
  if (result == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(result);
}

}  // namespace ketgrad
