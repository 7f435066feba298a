// Many diagonals that differ between samples as one table of phases, and all their derivatives as
// one transform.

#if defined(KETGRAD_BATCH_PHASE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_BATCH_PHASE_INL_H_
#undef KETGRAD_BATCH_PHASE_INL_H_
#else
#define KETGRAD_BATCH_PHASE_INL_H_
#endif

#include "qsim/kernels/batch_turn-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// The table of some strings of Zs; all pointers at the part's samples.
template <class T>
struct ZStrings {
  std::span<const Index> masks;
  const T* c;
  const T* s;

  [[nodiscard]] ZStrings range(std::size_t begin, std::size_t end) const {
    return {masks.subspan(begin, end - begin), c + begin * kBlock<T>, s + begin * kBlock<T>};
  }
  // exp(−iθ_k).
  [[nodiscard]] HWY_INLINE CVec<T> phase(std::size_t k) const {
    const Tag<T> d;
    return {hn::Load(d, c + k * kBlock<T>), hn::Neg(hn::Load(d, s + k * kBlock<T>))};
  }
};

// By doubling: on qubits up to q, the strings that end at q multiply what there is by a table of
// their own where bit q is 0 and by its conjugate where it is 1. The masks agree above n_qubits.
template <class T>
void phase_table_part(T* out, int n_qubits, const ZStrings<T>& strings, T* scratch) {
  const auto low = [&](std::size_t k) { return strings.masks[k] & (bit(n_qubits) - 1); };
  std::size_t end = 0;
  CVec<T> first = broadcast(std::complex<T>(1));
  for (; end < strings.masks.size() && low(end) == 0; ++end) first = mul(first, strings.phase(end));
  store_row(first, out, 0);
  for (int q = 0; q < n_qubits; ++q) {
    const std::size_t begin = end;
    while (end < strings.masks.size() && low(end) < bit(q + 1)) ++end;
    if (begin == end) {
      for (Index i = 0; i < bit(q); ++i) store_row(load_row(out, i), out, i | bit(q));
      continue;
    }
    const bool alone = end - begin == 1 && low(begin) == bit(q);
    const CVec<T> same = strings.phase(begin);
    if (!alone) phase_table_part(scratch, q, strings.range(begin, end), scratch + bit(q) * kRow<T>);
    for (Index i = 0; i < bit(q); ++i) {
      const CVec<T> phase = alone ? same : load_row(scratch, i);
      const CVec<T> v = load_row(out, i);
      store_row(mul(v, phase), out, i);
      store_row(times_conj(v, phase), out, i | bit(q));
    }
  }
}

template <class T>
void phase_table(T* out, int n_qubits, std::span<const Index> masks, const T* c, const T* s,
                 T* scratch) {
  for (Index shift = 0; shift < kBlock<T>; shift += kLanes<T>) {
    phase_table_part<T>(out + shift, n_qubits, {masks, c + shift, s + shift}, scratch + shift);
  }
}

template <class T>
void batch_multiply(T* state, int n_qubits, const T* table, bool inverse) {
  for (Index shift = 0; shift < kBlock<T>; shift += kLanes<T>) {
    for (Index i = 0; i < bit(n_qubits); ++i) {
      const CVec<T> v = load_row(state + shift, i);
      const CVec<T> phase = load_row(table + shift, i);
      store_row(inverse ? times_conj(v, phase) : mul(v, phase), state + shift, i);
    }
  }
}

// The transform on qubits first … first + K − 1.
template <class T, int K>
void walsh_pass(T* out, int n_qubits, int first) {
  const Tag<T> d;
  const RowGroups<K> rows(n_qubits, [&](int k) { return first + k; });
  for (Index shift = 0; shift < kBlock<T>; shift += kLanes<T>) {
    T* at = out + shift;
    Index base = 0;
    for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
      Vec<T> a[kGroup<K>];
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        a[j] = hn::Load(d, at + (base | rows.offset[j]) * kBlock<T>);
      }
      KETGRAD_UNROLL
      for (int k = 0; k < K; ++k) {
        KETGRAD_UNROLL
        for (Index pair = 0; pair < kGroup<K> / 2; ++pair) {
          const Index j = insert_zero_bit(pair, k);
          const Vec<T> sum = hn::Add(a[j], a[j | bit(k)]);
          a[j | bit(k)] = hn::Sub(a[j], a[j | bit(k)]);
          a[j] = sum;
        }
      }
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        hn::Store(a[j], d, at + (base | rows.offset[j]) * kBlock<T>);
      }
    }
  }
}

template <class T>
void walsh(T* out, int n_qubits) {
  constexpr int kMost = 3;
  int first = 0;
  for (; first + kMost <= n_qubits; first += kMost) walsh_pass<T, kMost>(out, n_qubits, first);
  with_count(static_cast<std::size_t>(n_qubits - first),
             [&]<int K>() { walsh_pass<T, K>(out, n_qubits, first); });
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
