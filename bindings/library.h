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
void bind_synthesis(py::module_& m);

// What builds a circuit, of copies of what Python gave: other threads may change that meanwhile.
template <class... Arguments, class... Given>
// NOLINTNEXTLINE(performance-unnecessary-value-param)
qsim::Circuit built(qsim::Circuit (*build)(Arguments...), Given... given) {
  const WithoutGil release;
  return build(given...);
}

}  // namespace ketgrad
