#pragma once

#include "bindings/common.h"

// What binds the library of circuits, which Python shows as ketgrad.library; bind_library, which
// module.cc calls, calls the others.

namespace ketgrad {

void bind_library(py::module_& m);
void bind_oracles(py::module_& m);
void bind_modular(py::module_& m);
void bind_fermions(py::module_& m);
void bind_hamiltonians(py::module_& m);
void bind_evolution(py::module_& m);

// What builds a circuit while other threads run Python. Circuits that Python gave are to be copies.
template <class... Arguments, class... Given>
qsim::Circuit built(qsim::Circuit (*build)(Arguments...), const Given&... given) {
  const WithoutGil release;
  return build(given...);
}

}  // namespace ketgrad
