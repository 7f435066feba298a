#pragma once

#include <pybind11/pybind11.h>

// What binds the library of circuits, which Python shows as ketgrad.library; called by module.cc.

namespace ketgrad {

void bind_library(pybind11::module_& m);
void bind_fermions(pybind11::module_& m);
void bind_hamiltonians(pybind11::module_& m);
void bind_evolution(pybind11::module_& m);

}  // namespace ketgrad
