#pragma once

#include "qsim/kernels/batch.h"
#include "qsim/state/state.h"

// One sample's state and the rows of a block of samples (kernels/batch.h).

namespace qsim {

// Out of a lane.
template <class T>
void copy_lane(const T* rows, Index lane, State<T>& state);

// Into a lane.
template <class T>
void copy_to_lane(const State<T>& state, Index lane, T* rows);

// The sum of half a row, added in the order of the lanes.
template <class T>
double lane_sum(const T* half_row) {
  double sum = 0;
  for (Index lane = 0; lane < kBlock<T>; ++lane) sum += static_cast<double>(half_row[lane]);
  return sum;
}

}  // namespace qsim
