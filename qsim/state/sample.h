#pragma once

#include <span>
#include <vector>

#include "qsim/state/state.h"

namespace qsim {

// The basis states that draws from [0, 1) stand for, by the inverse of the cumulative distribution:
// each follows from its draw alone. The draws are scaled by the state's norm.
template <class T>
std::vector<Index> sample_at(const State<T>& state, std::vector<double> draws);

}  // namespace qsim
