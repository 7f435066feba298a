#include "bindings/gil.h"

#include <chrono>
#include <thread>
#include <utility>

namespace ketgrad {
namespace {

thread_local PyThreadState* released = nullptr;  // what the innermost scope without the lock saved

void restore(PyThreadState* state) {
  outliving_python([state] { PyEval_RestoreThread(state); });
}

}  // namespace

void wait_for_the_end() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

WithoutGil::WithoutGil() : outer_(std::exchange(released, PyEval_SaveThread())) {}

WithoutGil::~WithoutGil() { restore(std::exchange(released, outer_)); }

WithGil::WithGil() : state_(std::exchange(released, nullptr)) {
  if (state_ != nullptr) restore(state_);
}

WithGil::~WithGil() {
  if (state_ != nullptr) released = PyEval_SaveThread();
}

py::object call_back(const py::function& callback, const py::tuple& arguments) {
  PyObject* const result =
      outliving_python([&] { return PyObject_CallObject(callback.ptr(), arguments.ptr()); });
  if (result == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(result);
}

}  // namespace ketgrad
