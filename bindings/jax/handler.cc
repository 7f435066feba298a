#include <pybind11/pybind11.h>
#include <xla/ffi/api/ffi.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bindings/measured.h"

// Calls of programs from computations that JAX compiled for processors, on whatever thread these
// run, with their buffers for arguments. A computation names a program by a number: one that was
// kept on disk beyond its process finds no program there, or that which it was compiled for.

namespace ketgrad {
namespace {

namespace py = pybind11;
namespace ffi = xla::ffi;

class Registry {
 public:
  std::int64_t add(std::shared_ptr<const Measured> measured) {
    const std::lock_guard lock(mutex_);
    found_.emplace(++last_, std::move(measured));
    return last_;
  }
  // A computation under way keeps what it has found.
  void remove(std::int64_t number) {
    std::shared_ptr<const Measured> last;  // and destroyed when the lock is open again
    const std::lock_guard lock(mutex_);
    const auto found = found_.find(number);
    if (found == found_.end()) return;
    last = std::move(found->second);
    found_.erase(found);
  }
  std::shared_ptr<const Measured> find(std::int64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = found_.find(number);
    return found == found_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::int64_t, std::shared_ptr<const Measured>> found_;
  std::int64_t last_ = 0;
};

Registry& registry() {
  static auto& value = *new Registry;  // computations may run on while the process exits
  return value;
}

// What a capsule holds, which lives on with it; any thread may let go of it.
std::shared_ptr<const Measured> shared(const py::capsule& capsule) {
  const auto* measured =
      static_cast<const Measured*>(PyCapsule_GetPointer(capsule.ptr(), kMeasuredCapsule));
  if (measured == nullptr) throw py::error_already_set();
  PyObject* owner = capsule.inc_ref().ptr();
  return {measured, [owner](const Measured*) {
            if (Py_IsInitialized() == 0) return;
            const PyGILState_STATE state = PyGILState_Ensure();
            Py_DECREF(owner);
            PyGILState_Release(state);
          }};
}

// A program's number, for as long as this lives.
class Handle {
 public:
  explicit Handle(const py::capsule& capsule) : number_(registry().add(shared(capsule))) {}
  ~Handle() { registry().remove(number_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  [[nodiscard]] std::int64_t number() const { return number_; }

 private:
  std::int64_t number_;
};

// The numbers of an argument where they are, or of single precision a copy in double.
class Argument {
 public:
  explicit Argument(const ffi::AnyBuffer& buffer) {
    const std::size_t size = buffer.element_count();
    if (buffer.element_type() == ffi::F64) {
      view_ = {buffer.typed_data<double>(), size};
    } else {
      const auto* from = buffer.typed_data<float>();
      copy_.assign(from, from + size);
      view_ = copy_;
    }
  }
  [[nodiscard]] std::span<const double> view() const { return view_; }

 private:
  std::vector<double> copy_{};
  std::span<const double> view_;
};

// Where the numbers of a result go: into its buffer, where that is of single precision at the end.
class Results {
 public:
  explicit Results(ffi::AnyBuffer& buffer) : buffer_(buffer) {
    const std::size_t size = buffer.element_count();
    if (buffer.element_type() == ffi::F64) {
      view_ = {buffer.typed_data<double>(), size};
    } else {
      copy_.resize(size);
      view_ = copy_;
    }
  }
  [[nodiscard]] std::span<double> view() const { return view_; }
  void finish() {
    auto* to = copy_.empty() ? nullptr : buffer_.typed_data<float>();
    for (std::size_t k = 0; k < copy_.size(); ++k) to[k] = static_cast<float>(copy_[k]);
  }

 private:
  ffi::AnyBuffer& buffer_;
  std::vector<double> copy_{};
  std::span<double> view_;
};

// body(measured, rows), or why it failed.
template <class Body>
ffi::Error call(std::int64_t number, const ffi::AnyBuffer& inputs, const ffi::AnyBuffer& weights,
                const Body& body) {
  const std::shared_ptr<const Measured> measured = registry().find(number);
  if (measured == nullptr) {
    return {ffi::ErrorCode::kFailedPrecondition, "the program of this computation is gone"};
  }
  try {
    const Argument in(inputs);
    const Argument w(weights);
    body(*measured, Rows{.size = static_cast<std::size_t>(inputs.dimensions()[0]),
                         .inputs = in.view(),
                         .weights = w.view(),
                         .weights_per_sample = weights.dimensions().size() == 2});
    return ffi::Error::Success();
  } catch (const std::exception& error) {
    return {ffi::ErrorCode::kInvalidArgument, error.what()};
  }
}

// A method that has one result.
using Method = void (Measured::*)(const Rows&, std::span<double>) const;
template <Method method>
ffi::Error one_result(std::int64_t number, ffi::AnyBuffer inputs, ffi::AnyBuffer weights,
                      ffi::Result<ffi::AnyBuffer> out) {
  return call(number, inputs, weights, [&](const Measured& measured, const Rows& rows) {
    Results to(*out);
    (measured.*method)(rows, to.view());
    to.finish();
  });
}

ffi::Error jacobian(std::int64_t number, ffi::AnyBuffer inputs, ffi::AnyBuffer weights,
                    ffi::Result<ffi::AnyBuffer> values, ffi::Result<ffi::AnyBuffer> out) {
  return call(number, inputs, weights, [&](const Measured& measured, const Rows& rows) {
    Results to_values(*values);
    Results to(*out);
    measured.jacobian(rows, to_values.view(), to.view());
    to_values.finish();
    to.finish();
  });
}

ffi::Error vjp(std::int64_t number, ffi::AnyBuffer inputs, ffi::AnyBuffer weights,
               ffi::AnyBuffer cotangent, ffi::Result<ffi::AnyBuffer> by_inputs,
               ffi::Result<ffi::AnyBuffer> by_weights) {
  return call(number, inputs, weights, [&](const Measured& measured, const Rows& rows) {
    const Argument g(cotangent);
    Results to_inputs(*by_inputs);
    Results to_weights(*by_weights);
    measured.vjp(rows, g.view(), to_inputs.view(), to_weights.view());
    to_inputs.finish();
    to_weights.finish();
  });
}

// What vjp() gives of a Jacobian (size × n_values × n_parameters) that is there already. It is done
// here because XLA hands its own arithmetic to another thread, beyond a thousand operations, and
// that takes longer.
template <class T>
void pull(const ffi::AnyBuffer& jacobian, const ffi::AnyBuffer& cotangent,
          ffi::AnyBuffer& by_inputs, ffi::AnyBuffer& by_weights) {
  const auto n_inputs = static_cast<std::size_t>(by_inputs.dimensions().back());
  const auto n_weights = static_cast<std::size_t>(by_weights.dimensions().back());
  const bool summed = by_weights.dimensions().size() == 1;
  const std::size_t size = static_cast<std::size_t>(jacobian.dimensions()[0]);
  const std::size_t n_values = size == 0 ? 0 : cotangent.element_count() / size;
  const T* row = jacobian.typed_data<T>();
  const T* g = cotangent.typed_data<T>();
  T* inputs = by_inputs.typed_data<T>();
  T* weights = by_weights.typed_data<T>();
  std::fill_n(inputs, by_inputs.element_count(), T{});
  std::fill_n(weights, by_weights.element_count(), T{});
  for (std::size_t k = 0; k < size; ++k) {
    for (std::size_t value = 0; value < n_values; ++value, ++g) {
      for (std::size_t i = 0; i < n_inputs; ++i) inputs[i] += *g * *row++;
      for (std::size_t i = 0; i < n_weights; ++i) weights[i] += *g * *row++;
    }
    inputs += n_inputs;
    if (!summed) weights += n_weights;
  }
}

ffi::Error pulled(ffi::AnyBuffer jacobian, ffi::AnyBuffer cotangent,
                  ffi::Result<ffi::AnyBuffer> by_inputs, ffi::Result<ffi::AnyBuffer> by_weights) {
  const auto of = jacobian.element_type() == ffi::F64 ? pull<double> : pull<float>;
  of(jacobian, cotangent, *by_inputs, *by_weights);
  return ffi::Error::Success();
}

auto of_inputs_and_weights() {
  return ffi::Ffi::Bind()
      .Attr<std::int64_t>("measured")
      .Arg<ffi::AnyBuffer>()
      .Arg<ffi::AnyBuffer>();
}

XLA_FFI_DEFINE_HANDLER(values_handler, one_result<&Measured::values>,
                       of_inputs_and_weights().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(forward_handler, one_result<&Measured::forward>,
                       of_inputs_and_weights().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(hessian_handler, one_result<&Measured::hessian>,
                       of_inputs_and_weights().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(jacobian_handler, jacobian,
                       of_inputs_and_weights().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());
XLA_FFI_DEFINE_HANDLER(
    vjp_handler, vjp,
    of_inputs_and_weights().Arg<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>().Ret<ffi::AnyBuffer>());

XLA_FFI_DEFINE_HANDLER(pulled_handler, pulled,
                       ffi::Ffi::Bind()
                           .Arg<ffi::AnyBuffer>()
                           .Arg<ffi::AnyBuffer>()
                           .Ret<ffi::AnyBuffer>()
                           .Ret<ffi::AnyBuffer>());

py::capsule target(XLA_FFI_Handler* handler) {
  return py::capsule(reinterpret_cast<void*>(handler), "xla._CUSTOM_CALL_TARGET");
}

}  // namespace

PYBIND11_MODULE(_handler, m) {
  m.doc() = "Calls of programs from computations of JAX; ketgrad.jax uses it.";
  py::class_<Handle>(m, "Handle", "A program's number in computations, for as long as this lives.")
      .def(py::init<const py::capsule&>(), py::arg("measured"))
      .def_property_readonly("number", &Handle::number, "The number.");
  m.def(
      "targets",
      [] {
        py::dict out;
        out["values"] = target(values_handler);
        out["forward"] = target(forward_handler);
        out["vjp"] = target(vjp_handler);
        out["jacobian"] = target(jacobian_handler);
        out["hessian"] = target(hessian_handler);
        out["pulled"] = target(pulled_handler);
        return out;
      },
      "The handlers, by the names of the primitives.");
}

}  // namespace ketgrad
