#pragma once

#include <algorithm>
#include <numeric>

#include "qsim/state/state.h"

namespace qsim {

// Calls body(k, j, |ψ_{first + k + j}|²) for all lanes j of all blocks k, where first is a multiple
// of count and count a power of two.
template <class T, class Body>
void for_weights(const State<T>& state, Index first, Index count, const Body& body) {
  const Index run = std::min(count, kBlock<T>);
  for (Index k = 0; k < count; k += run) {
    const T* const re = state.data() + real_offset<T>(first + k);
    const T* const im = re + kBlock<T>;
    for (Index j = 0; j < run; ++j) {
      const double a = re[j];
      const double b = im[j];
      body(k, j, a * a + b * b);
    }
  }
}

// out[k] = |ψ_{first + k}|².
template <class T>
void read_weights(const State<T>& state, Index first, Index count, double* out) {
  for_weights(state, first, count, [&](Index k, Index j, double w) { out[k + j] = w; });
}

// Σ |ψ_i|² over the same range.
template <class T>
double sum_weights(const State<T>& state, Index first, Index count) {
  double sums[kBlock<T>] = {};
  for_weights(state, first, count, [&](Index /*k*/, Index j, double w) { sums[j] += w; });
  return std::accumulate(sums, sums + std::min(count, kBlock<T>), 0.0);
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
