#pragma once

#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/compile/program.h"

namespace reference {

// A program's numbers for values of its parameters.
template <class T>
qsim::Binding<T> bound(const qsim::Program& program, const std::vector<double>& values = {}) {
  qsim::Binding<T> out;
  qsim::bind_parameters(program, values, out);
  return out;
}

}  // namespace reference
