#pragma once

#include <cstdint>
#include <variant>

#include "bindings/common.h"
#include "qsim/state/state.h"

namespace ketgrad {

// One Python class over both precisions.
struct PyState {
  std::variant<qsim::State<float>, qsim::State<double>> state;
  std::uint64_t seed = 0;      // of measurements
  std::uint64_t measured = 0;  // how many there were: each draws from a stream of its own

  [[nodiscard]] bool single() const { return state.index() == 0; }
};

// A copy of a State, or the state in double precision with these amplitudes.
PyState state_from(const py::object& amplitudes);

}  // namespace ketgrad
