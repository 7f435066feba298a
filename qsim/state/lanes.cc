#include "qsim/state/lanes.h"

namespace qsim {

template <class T>
void copy_lane(const T* rows, Index lane, State<T>& state) {
  for (Index i = 0; i < state.size(); ++i) {
    const T* from = rows + i * kRow<T> + lane;
    state.set(i, {from[0], from[kBlock<T>]});
  }
}

template <class T>
void copy_to_lane(const State<T>& state, Index lane, T* rows) {
  for (Index i = 0; i < state.size(); ++i) {
    const std::complex<T> from = state.get(i);
    T* to = rows + i * kRow<T> + lane;
    to[0] = from.real();
    to[kBlock<T>] = from.imag();
  }
}

template void copy_lane(const float*, Index, State<float>&);
template void copy_lane(const double*, Index, State<double>&);
template void copy_to_lane(const State<float>&, Index, float*);
template void copy_to_lane(const State<double>&, Index, double*);

}  // namespace qsim
