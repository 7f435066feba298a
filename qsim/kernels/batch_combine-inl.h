// Linear combinations of blocks of samples.

#if defined(KETGRAD_BATCH_COMBINE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_BATCH_COMBINE_INL_H_
#undef KETGRAD_BATCH_COMBINE_INL_H_
#else
#define KETGRAD_BATCH_COMBINE_INL_H_
#endif

#include "qsim/kernels/batch_turn-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// With the number of states known, their weights stay in registers.
template <class T, std::size_t N>
void combine_states(T* out, int n_qubits, std::span<const T* const> states, const T* weights) {
  for (Index part = 0; part < kParts<T>; ++part) {
    const Index shift = part * kLanes<T>;
    CVec<T> weight[N];
    for (std::size_t k = 0; k < N; ++k) weight[k] = load_row(weights + shift, k);
    for (Index i = 0; i < bit(n_qubits); ++i) {
      CVec<T> sum = mul(weight[0], load_row(states[0] + shift, i));
      KETGRAD_UNROLL
      for (std::size_t k = 1; k < N; ++k) {
        sum = mul_add(weight[k], load_row(states[k] + shift, i), sum);
      }
      store_row(sum, out + shift, i);
    }
  }
}

template <class T>
void batch_combine(T* out, int n_qubits, std::span<const T* const> states, const T* weights) {
  static_assert(kMostCombined == 3);
  switch (states.size()) {
    case 1:
      return combine_states<T, 1>(out, n_qubits, states, weights);
    case 2:
      return combine_states<T, 2>(out, n_qubits, states, weights);
    default:
      return combine_states<T, 3>(out, n_qubits, states, weights);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
