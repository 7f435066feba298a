#pragma once

#include "bindings/common.h"

namespace ketgrad {

// Calls visit(PyCFunctionObject&) for every function of a module or class, of its classes and of
// theirs.
template <class Visit>
void for_functions(py::handle owner, const Visit& visit) {
  for (const py::handle item : py::list(owner.attr("__dict__").attr("values")())) {
    if (PyType_Check(item.ptr()) != 0) {
      for_functions(item, visit);
      continue;
    }
    const bool wrapped =
        PyInstanceMethod_Check(item.ptr()) != 0 || py::isinstance<py::staticmethod>(item);
    const py::object function =
        wrapped ? item.attr("__func__") : py::reinterpret_borrow<py::object>(item);
    if (PyCFunction_Check(function.ptr()) == 0) continue;
    visit(*reinterpret_cast<PyCFunctionObject*>(function.ptr()));
  }
}

}  // namespace ketgrad
