#pragma once

#include "bindings/common.h"

// Arguments that are arrays, where one of any kind will not do.

namespace ketgrad {

// What real_array() takes where nothing by name may stand for it: any object, "ArrayLike" in
// signatures.
class ArrayLike : public py::object {
 public:
  static bool is_one(PyObject* /*object*/) { return true; }
  PYBIND11_OBJECT_DEFAULT(ArrayLike, object, is_one)
};

// Whether it is an array of NumPy's booleans, with axes: it chooses items and does not list their
// places, and is no integer where it has one entry.
bool is_mask(py::handle h);

}  // namespace ketgrad

template <>
struct pybind11::detail::handle_type_name<ketgrad::ArrayLike> {
  static constexpr auto name = const_name("numpy.typing.ArrayLike");
};
