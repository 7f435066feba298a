#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "qsim/core/interrupt.h"

namespace qsim {

// Makes room for so many values of any kind: what is new is zero, what was there is anything.
// Filling gigabytes takes seconds, in which interrupts are heard.
template <class Value>
void resize_long(std::vector<Value>& values, std::size_t size) {
  constexpr std::size_t kStep = std::size_t{1} << 20;
  if (size > values.capacity()) {
    values.clear();
    values.reserve(size);
  }
  while (values.size() < size) {
    poll_interrupt();
    values.resize(std::min(size, values.size() + kStep));
  }
  values.resize(size);
}

// A vector of so many zeros.
template <class Value>
std::vector<Value> long_vector(std::size_t size) {
  std::vector<Value> out;
  resize_long(out, size);
  return out;
}

}  // namespace qsim
