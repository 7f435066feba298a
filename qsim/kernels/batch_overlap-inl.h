// Overlaps between the samples of two blocks: the innermost loop of a matrix product over states.
// A block is already what such a product calls a packed panel, so nothing is copied or transposed.

#if defined(KETGRAD_BATCH_OVERLAP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_BATCH_OVERLAP_INL_H_
#undef KETGRAD_BATCH_OVERLAP_INL_H_
#else
#define KETGRAD_BATCH_OVERLAP_INL_H_
#endif

#include "qsim/kernels/batch_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// Samples of b whose sums are in registers at once: two registers each, and four are needed for the
// factors. Instruction sets with 64-byte registers have 32 of them, others at least 16.
template <class T>
inline constexpr Index kColumns = kParts<T> == 1 ? 8 : 4;

template <class T>
void overlap(const T* a, const T* b, Index n_rows, T* out) {
  const Tag<T> d;
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* left = a + part * kLanes<T>;
    for (Index first = 0; first < kBlock<T>; first += kColumns<T>) {
      CVec<T> sums[kColumns<T>];
      KETGRAD_UNROLL
      for (Index k = 0; k < kColumns<T>; ++k) sums[k] = zero<T>();
      for (Index i = 0; i < n_rows; ++i) {
        const CVec<T> u = load_row(left, i);
        const T* right = b + i * kRow<T> + first;
        KETGRAD_UNROLL
        for (Index k = 0; k < kColumns<T>; ++k) {
          const CVec<T> v{hn::Set(d, right[k]), hn::Set(d, right[k + kBlock<T>])};
          sums[k] = add_conj(v, u, sums[k]);
        }
      }
      KETGRAD_UNROLL
      for (Index k = 0; k < kColumns<T>; ++k) {
        store_row(sums[k], out + part * kLanes<T>, first + k);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
