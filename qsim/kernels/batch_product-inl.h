// Product states of a block of samples, and their backward transitions: a whole layer of one-qubit
// gates on |0…0⟩ for little more than the price of one.

#if defined(KETGRAD_BATCH_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_BATCH_PRODUCT_INL_H_
#undef KETGRAD_BATCH_PRODUCT_INL_H_
#else
#define KETGRAD_BATCH_PRODUCT_INL_H_
#endif

#include "qsim/kernels/batch_step-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// The product of qubits [first, first + count), 2^count rows; all pointers at the part's samples.
template <class T>
HWY_INLINE void small_product(const T* columns, int first, int count, T* out) {
  store_row(broadcast(std::complex<T>(1)), out, 0);
  for (int k = 0; k < count; ++k) {
    const Index q = static_cast<Index>(first + k);
    const CVec<T> zero_column = load_row(columns, 2 * q);
    const CVec<T> one_column = load_row(columns, 2 * q + 1);
    for (Index j = 0; j < bit(k); ++j) {
      const CVec<T> a = load_row(out, j);
      store_row(mul(one_column, a), out, j | bit(k));
      store_row(mul(zero_column, a), out, j);
    }
  }
}

// An n-qubit product state as the outer product of its high and its low half.
template <class T>
struct Halves {
  int low_qubits;
  int high_qubits;
  T* low;
  T* high;

  Halves(int n_qubits, T* scratch)
      : low_qubits((n_qubits + 1) / 2),
        high_qubits(n_qubits / 2),
        low(scratch),
        high(scratch + bit(low_qubits) * kRow<T>) {}
};

template <class T>
void product(T* out, int n_qubits, const T* columns, T* scratch) {
  const Halves<T> halves(n_qubits, scratch);
  for (Index part = 0; part < kParts<T>; ++part) {
    const Index shift = part * kLanes<T>;
    small_product(columns + shift, 0, halves.low_qubits, halves.low + shift);
    small_product(columns + shift, halves.low_qubits, halves.high_qubits, halves.high + shift);
    for (Index h = 0; h < bit(halves.high_qubits); ++h) {
      const CVec<T> factor = load_row(halves.high + shift, h);
      for (Index l = 0; l < bit(halves.low_qubits); ++l) {
        store_row(mul(factor, load_row(halves.low + shift, l)), out + shift,
                  (h << halves.low_qubits) | l);
      }
    }
  }
}

// sum + a·conj(b).
template <class T>
HWY_INLINE CVec<T> add_conj(const CVec<T>& a, const CVec<T>& b, const CVec<T>& sum) {
  return {hn::MulAdd(a.im, b.im, hn::MulAdd(a.re, b.re, sum.re)),
          hn::NegMulAdd(a.re, b.im, hn::MulAdd(a.im, b.re, sum.im))};
}

// For each qubit of one half: M = column ⊗ (what is left of the bra's conjugate when all other
// qubits are contracted with their columns). `rest` has 2^count rows, work as many.
template <class T>
HWY_INLINE void half_transition(const T* columns, int first, int count, const T* rest, T* work,
                                Index part, BlochRow<T>* transition) {
  for (int q = 0; q < count; ++q) {
    for (Index j = 0; j < bit(count); ++j) store_row(load_row(rest, j), work, j);
    Index rows = bit(count);
    // Contract the qubits above q from the top, then those below q from the bottom up.
    for (int k = count - 1; k > q; --k) {
      const CVec<T> c0 = load_row(columns, 2 * static_cast<Index>(first + k));
      const CVec<T> c1 = load_row(columns, 2 * static_cast<Index>(first + k) + 1);
      rows /= 2;
      for (Index j = 0; j < rows; ++j) {
        store_row(mul_add(c1, load_row(work, j | rows), mul(c0, load_row(work, j))), work, j);
      }
    }
    for (int k = 0; k < q; ++k) {
      const CVec<T> c0 = load_row(columns, 2 * static_cast<Index>(first + k));
      const CVec<T> c1 = load_row(columns, 2 * static_cast<Index>(first + k) + 1);
      rows /= 2;
      for (Index j = 0; j < rows; ++j) {
        store_row(mul_add(c1, load_row(work, 2 * j + 1), mul(c0, load_row(work, 2 * j))), work, j);
      }
    }
    // What is left is conjugated already, as BlochVecs would do.
    BlochVecs<T> sums;
    sums.clear();
    const CVec<T> k0 = load_row(columns, 2 * static_cast<Index>(first + q));
    const CVec<T> k1 = load_row(columns, 2 * static_cast<Index>(first + q) + 1);
    const CVec<T> b0 = conj<T>(load_row(work, 0));
    const CVec<T> b1 = conj<T>(load_row(work, 1));
    sums.add_xy(k0, k1, b0, b1);
    sums.add_z(k0, k1, b0, b1);
    sums.store(transition[first + q], part, true);
  }
}

template <class T>
void product_transition(const T* bra, int n_qubits, const T* columns, T* scratch,
                        BlochRow<T>* transition) {
  const Halves<T> halves(n_qubits, scratch);
  const Index low_rows = bit(halves.low_qubits);
  const Index high_rows = bit(halves.high_qubits);
  T* work = scratch + 2 * low_rows * kRow<T>;
  T* rest_low = work + low_rows * kRow<T>;
  for (Index part = 0; part < kParts<T>; ++part) {
    const Index shift = part * kLanes<T>;
    small_product(columns + shift, 0, halves.low_qubits, halves.low + shift);
    small_product(columns + shift, halves.low_qubits, halves.high_qubits, halves.high + shift);
    for (Index l = 0; l < low_rows; ++l) store_row(zero<T>(), rest_low + shift, l);
    for (Index h = 0; h < high_rows; ++h) {
      const CVec<T> high = load_row(halves.high + shift, h);
      CVec<T> sum = zero<T>();
      for (Index l = 0; l < low_rows; ++l) {
        const CVec<T> b = load_row(bra + shift, (h << halves.low_qubits) | l);
        sum = add_conj(load_row(halves.low + shift, l), b, sum);
        store_row(add_conj(high, b, load_row(rest_low + shift, l)), rest_low + shift, l);
      }
      store_row(sum, halves.high + shift, h);  // no longer needed as a factor
    }
    half_transition(columns + shift, 0, halves.low_qubits, rest_low + shift, work + shift, part,
                    transition);
    half_transition(columns + shift, halves.low_qubits, halves.high_qubits, halves.high + shift,
                    work + shift, part, transition);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
