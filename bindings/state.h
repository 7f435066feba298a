#pragma once

#include <algorithm>
#include <complex>
#include <cstdint>
#include <variant>
#include <vector>

#include "bindings/common.h"
#include "qsim/core/interrupt.h"
#include "qsim/state/state.h"

namespace ketgrad {

// One Python class over both precisions.
struct PyState {
  std::variant<qsim::State<float>, qsim::State<double>> state;
  std::uint64_t seed = 0;      // of measurements
  std::uint64_t measured = 0;  // how many there were: each draws from a stream of its own

  [[nodiscard]] bool single() const { return state.index() == 0; }
};

// Whether both, of one size, have the same amplitudes to the bit (but for signs of zero).
template <class T>
bool same_amplitudes(const qsim::State<T>& a, const qsim::State<T>& b) {
  constexpr qsim::Index kAtOnce = 1 << 16;
  const qsim::Index count = std::min(a.size(), kAtOnce);
  std::vector<std::complex<T>> of_a(count);
  std::vector<std::complex<T>> of_b(count);
  for (qsim::Index first = 0; first < a.size(); first += count) {
    qsim::poll_interrupt();
    a.copy_amplitudes(first, of_a);
    b.copy_amplitudes(first, of_b);
    if (of_a != of_b) return false;
  }
  return true;
}

// A copy of a State, or the state in double precision with these amplitudes.
PyState state_from(const py::object& amplitudes);

}  // namespace ketgrad
