#pragma once

#include <vector>

#include "qsim/core/parallel.h"
#include "qsim/kernels/kernels.h"
#include "qsim/state/state.h"

namespace qsim {

// Work on a state is split into parts of this many amplitudes (2^15: half a megabyte, in cache), so
// the split, and with it every reduction, depends on the number of qubits alone.
inline constexpr int kPartQubits = 15;

inline Index part_count(int n_qubits) {
  return n_qubits <= kPartQubits ? 1 : bit(n_qubits - kPartQubits);
}

// The amplitudes of a part, with padding.
template <class T>
Stretch stretch_of(const State<T>& state, Part part) {
  return part.count == 1 ? Stretch{0, state.storage()}
                         : Stretch{part.index << kPartQubits, kPartQubits};
}

// Its numbers in the buffer, two for each amplitude.
template <class T>
T* numbers_of(State<T>& state, Stretch stretch) {
  return state.data() + real_offset<T>(stretch.start);
}
template <class T>
const T* numbers_of(const State<T>& state, Stretch stretch) {
  return state.data() + real_offset<T>(stretch.start);
}

template <class Body>
void for_parts(int n_qubits, const Body& body) {
  const Index count = part_count(n_qubits);
  if (count == 1) {
    body(Part{0, 1});
  } else {
    parallel_for(count, [&](Index k) { body(Part{k, count}); });
  }
}

// The sum of body(part), added in the order of the parts.
template <class Value, class Body>
Value sum_parts(int n_qubits, const Body& body) {
  const Index count = part_count(n_qubits);
  if (count == 1) return body(Part{0, 1});
  std::vector<Value> sums(count);
  parallel_for(count, [&](Index k) { sums[k] = body(Part{k, count}); });
  Value total{};
  for (const Value& sum : sums) total += sum;
  return total;
}

}  // namespace qsim
