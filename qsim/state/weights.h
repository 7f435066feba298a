#pragma once

#include <algorithm>
#include <numeric>

#include "qsim/state/state.h"

namespace qsim {

// out[k] = |ψ_{first + k}|², where first is a multiple of count and count a power of two.
template <class T>
void read_weights(const State<T>& state, Index first, Index count, double* out) {
  const Index run = std::min(count, kBlock<T>);
  for (Index k = 0; k < count; k += run) {
    const T* const re = state.data() + real_offset<T>(first + k);
    const T* const im = re + kBlock<T>;
    for (Index j = 0; j < run; ++j) {
      const double a = re[j];
      const double b = im[j];
      out[k + j] = a * a + b * b;
    }
  }
}

// Σ |ψ_i|² over the same range.
template <class T>
double sum_weights(const State<T>& state, Index first, Index count) {
  const Index run = std::min(count, kBlock<T>);
  double sums[kBlock<T>] = {};
  for (Index k = 0; k < count; k += run) {
    const T* const re = state.data() + real_offset<T>(first + k);
    const T* const im = re + kBlock<T>;
    for (Index j = 0; j < run; ++j) {
      const double a = re[j];
      const double b = im[j];
      sums[j] += a * a + b * b;
    }
  }
  return std::accumulate(sums, sums + run, 0.0);
}

// Adds the upper half of each run of 2·half numbers to its lower half and closes the gaps: a bit of
// the index is summed over. Returns how many numbers are left.
inline Index fold(double* values, Index count, Index half) {
  for (Index from = 0, to = 0; from < count; from += 2 * half, to += half) {
    for (Index j = 0; j < half; ++j) values[to + j] = values[from + j] + values[from + half + j];
  }
  return count / 2;
}

}  // namespace qsim
