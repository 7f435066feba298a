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

}  // namespace qsim
