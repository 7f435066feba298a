#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "qsim/core/interrupt.h"

namespace qsim {

// A vector of zeros of any length: filling gigabytes takes seconds, in which interrupts are heard.
template <class Value>
std::vector<Value> long_vector(std::size_t size) {
  constexpr std::size_t kStep = std::size_t{1} << 20;
  std::vector<Value> out;
  out.reserve(size);
  while (out.size() < size) {
    poll_interrupt();
    out.resize(std::min(size, out.size() + kStep));
  }
  return out;
}

}  // namespace qsim
