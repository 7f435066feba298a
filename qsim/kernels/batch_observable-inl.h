// Expectation values on a block of samples, and the bras they start backward sweeps from.

#if defined(KETGRAD_BATCH_OBSERVABLE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_BATCH_OBSERVABLE_INL_H_
#undef KETGRAD_BATCH_OBSERVABLE_INL_H_
#else
#define KETGRAD_BATCH_OBSERVABLE_INL_H_
#endif

#include "qsim/kernels/batch_step-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

template <class T>
void batch_inner(const T* a, const T* b, int n_qubits, PauliString pauli, ControlMask controls,
                 T* out) {
  const TargetGroups groups(n_qubits, {}, controls);
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* left = a + part * kLanes<T>;
    const T* right = b + part * kLanes<T>;
    CVec<T> plus = zero<T>();
    CVec<T> minus = zero<T>();
    Index i = groups.first();
    for (Index g = groups.count(); g > 0; --g, i = groups.next(i)) {
      const Index j = i ^ pauli.x;
      const CVec<T> u = load_row(left, i);
      const CVec<T> v = load_row(right, j);
      if (parity(j & pauli.z)) {
        minus = mul_conj_add(v, u, minus);
      } else {
        plus = mul_conj_add(v, u, plus);
      }
    }
    const CVec<T> sum{hn::Sub(plus.re, minus.re), hn::Sub(plus.im, minus.im)};
    store_row(times_power_of_i<T>(sum, std::popcount(pauli.x & pauli.z)), out + part * kLanes<T>,
              0);
  }
}

template <class T>
void batch_accumulate(T* out, const T* in, int n_qubits, PauliString pauli, const T* c) {
  const Tag<T> d;
  for (Index part = 0; part < kParts<T>; ++part) {
    T* to = out + part * kLanes<T>;
    const T* from = in + part * kLanes<T>;
    const CVec<T> factor = times_power_of_i<T>({hn::Load(d, c + part * kLanes<T>), hn::Zero(d)},
                                               std::popcount(pauli.x & pauli.z));
    const CVec<T> signed_factor[2] = {factor, negative<T>(factor)};
    for (Index i = 0; i < bit(n_qubits); ++i) {
      const Index j = i ^ pauli.x;
      store_row(
          mul_add(signed_factor[parity(j & pauli.z) ? 1 : 0], load_row(from, j), load_row(to, i)),
          to, i);
    }
  }
}

// Strings of Zs look at the rows in groups of 2^kWalsh: a Walsh transform of a group has the sums
// for every string on the lowest kWalsh qubits, so a string costs one addition a group.
inline constexpr int kWalsh = 3;
inline constexpr Index kWalshRows = Index{1} << kWalsh;

template <class T>
HWY_INLINE void walsh(Vec<T> (&w)[kWalshRows]) {
  KETGRAD_UNROLL
  for (Index stride = 1; stride < kWalshRows; stride *= 2) {
    KETGRAD_UNROLL
    for (Index j = 0; j < kWalshRows; ++j) {
      if ((j & stride) != 0) continue;
      const Vec<T> a = w[j];
      w[j] = hn::Add(a, w[j | stride]);
      w[j | stride] = hn::Sub(a, w[j | stride]);
    }
  }
}

// v, or −v where the parity is odd.
template <class T>
HWY_INLINE Vec<T> with_sign(const Vec<T>& v, bool odd) {
  const Tag<T> d;
  return hn::Xor(v, hn::Set(d, odd ? T{-0.0} : T{0.0}));
}

template <class T>
void z_expectations(const T* state, int n_qubits, std::span<const Index> masks, T* out) {
  const Tag<T> d;
  const Index rows = bit(n_qubits);
  for (std::size_t k = 0; k < masks.size() * kBlock<T>; ++k) out[k] = 0;
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* at = state + part * kLanes<T>;
    for (Index base = 0; base < rows; base += kWalshRows) {
      Vec<T> w[kWalshRows];
      KETGRAD_UNROLL
      for (Index j = 0; j < kWalshRows; ++j) {
        w[j] = hn::Zero(d);
        if (base + j >= rows) continue;
        const CVec<T> a = load_row(at, base + j);
        w[j] = hn::MulAdd(a.re, a.re, hn::Mul(a.im, a.im));
      }
      walsh<T>(w);
      alignas(64) T sums[kWalshRows * kLanes<T>];
      for (Index j = 0; j < kWalshRows; ++j) hn::Store(w[j], d, sums + j * kLanes<T>);
      for (std::size_t k = 0; k < masks.size(); ++k) {
        T* sum = out + k * kBlock<T> + part * kLanes<T>;
        const auto v = hn::Load(d, sums + (masks[k] & (kWalshRows - 1)) * kLanes<T>);
        hn::Store(hn::Add(hn::Load(d, sum), with_sign<T>(v, parity(base & masks[k]))), d, sum);
      }
    }
  }
}

template <class T>
void z_sum(T* out, const T* in, int n_qubits, std::span<const Index> masks, const T* c) {
  const Tag<T> d;
  const Index rows = bit(n_qubits);
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* from = in + part * kLanes<T>;
    T* to = out + part * kLanes<T>;
    for (Index base = 0; base < rows; base += kWalshRows) {
      alignas(64) T sums[kWalshRows * kLanes<T>] = {};
      for (std::size_t k = 0; k < masks.size(); ++k) {
        T* sum = sums + (masks[k] & (kWalshRows - 1)) * kLanes<T>;
        const auto v = hn::Load(d, c + k * kBlock<T> + part * kLanes<T>);
        hn::Store(hn::Add(hn::Load(d, sum), with_sign<T>(v, parity(base & masks[k]))), d, sum);
      }
      Vec<T> w[kWalshRows];
      for (Index j = 0; j < kWalshRows; ++j) w[j] = hn::Load(d, sums + j * kLanes<T>);
      walsh<T>(w);
      for (Index j = 0; j < kWalshRows; ++j) {
        if (base + j < rows) store_row(scale<T>(w[j], load_row(from, base + j)), to, base + j);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
