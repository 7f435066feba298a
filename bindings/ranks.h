#pragma once

#include <pybind11/pybind11.h>

namespace ketgrad {

void bind_ranks(pybind11::module_& m);

}  // namespace ketgrad
