#pragma once

#include <pybind11/pybind11.h>

namespace ketgrad {

void bind_rank_plan(pybind11::module_& m);

}  // namespace ketgrad
