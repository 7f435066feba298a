// Complex vectors and the amplitude layout, per instruction set. Everything that knows how many
// lanes a register has stands here.

#if defined(KETGRAD_COMPLEX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_COMPLEX_INL_H_
#undef KETGRAD_COMPLEX_INL_H_
#else
#define KETGRAD_COMPLEX_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// On the lambdas that are loop bodies: compiled for the instruction set, and inlined so early that
// their captured arrays become registers.
#ifndef KETGRAD_LOOP_BODY
#define KETGRAD_LOOP_BODY HWY_ATTR __attribute__((always_inline))
#endif

// Before loops over a few registers: only unrolled ones keep their arrays in registers.
#ifndef KETGRAD_UNROLL
#define KETGRAD_UNROLL HWY_UNROLL(32)
#endif

template <class T>
using Tag = hn::ScalableTag<T>;

template <class T>
using Vec = hn::Vec<Tag<T>>;

template <class T>
inline constexpr Index kLanes = hn::MaxLanes(Tag<T>());

template <class T>
inline constexpr int kLaneBits = std::countr_zero(kLanes<T>);

template <class T>
struct CVec {
  Vec<T> re;
  Vec<T> im;
};

// Per-lane complex numbers in memory: real parts, then imaginary parts.
template <class T>
struct alignas(64) Lanes {
  T re[kLanes<T>];
  T im[kLanes<T>];
  void set(Index lane, std::complex<T> value) {
    re[lane] = value.real();
    im[lane] = value.imag();
  }
};

template <class T>
HWY_INLINE CVec<T> load(const Lanes<T>& lanes) {
  const Tag<T> d;
  return {hn::Load(d, lanes.re), hn::Load(d, lanes.im)};
}

template <class T>
HWY_INLINE void store(const CVec<T>& v, Lanes<T>& lanes) {
  const Tag<T> d;
  hn::Store(v.re, d, lanes.re);
  hn::Store(v.im, d, lanes.im);
}

// Amplitudes i … i + lanes − 1; i is a multiple of the lanes.
template <class T>
HWY_INLINE CVec<T> load(const T* state, Index i) {
  const Tag<T> d;
  const T* at = state + real_offset<T>(i);
  return {hn::Load(d, at), hn::Load(d, at + kBlock<T>)};
}

template <class T>
HWY_INLINE void store(const CVec<T>& v, T* state, Index i) {
  const Tag<T> d;
  T* at = state + real_offset<T>(i);
  hn::Store(v.re, d, at);
  hn::Store(v.im, d, at + kBlock<T>);
}

template <class T>
HWY_INLINE CVec<T> broadcast(std::complex<T> value) {
  const Tag<T> d;
  return {hn::Set(d, value.real()), hn::Set(d, value.imag())};
}

template <class T>
HWY_INLINE CVec<T> zero() {
  const Tag<T> d;
  return {hn::Zero(d), hn::Zero(d)};
}

// a·b.
template <class T>
HWY_INLINE CVec<T> mul(const CVec<T>& a, const CVec<T>& b) {
  return {hn::NegMulAdd(a.im, b.im, hn::Mul(a.re, b.re)),
          hn::MulAdd(a.im, b.re, hn::Mul(a.re, b.im))};
}

// sum + a·b.
template <class T>
HWY_INLINE CVec<T> mul_add(const CVec<T>& a, const CVec<T>& b, const CVec<T>& sum) {
  return {hn::NegMulAdd(a.im, b.im, hn::MulAdd(a.re, b.re, sum.re)),
          hn::MulAdd(a.im, b.re, hn::MulAdd(a.re, b.im, sum.im))};
}

// sum + a·conj(b). The product is formed first, so that a chain of sums waits for one addition at a
// time instead of two multiply-adds.
template <class T>
HWY_INLINE CVec<T> mul_conj_add(const CVec<T>& a, const CVec<T>& b, const CVec<T>& sum) {
  return {hn::Add(sum.re, hn::MulAdd(a.im, b.im, hn::Mul(a.re, b.re))),
          hn::Add(sum.im, hn::NegMulAdd(a.re, b.im, hn::Mul(a.im, b.re)))};
}

// A real factor per lane.
template <class T>
HWY_INLINE CVec<T> scale(const Vec<T>& factor, const CVec<T>& v) {
  return {hn::Mul(factor, v.re), hn::Mul(factor, v.im)};
}

// Moves lane (ℓ xor mask) to lane ℓ.
template <class T>
class LaneXor {
 public:
  explicit LaneXor(Index mask) : indices_(make(mask)) {}
  HWY_INLINE Vec<T> operator()(const Vec<T>& v) const { return hn::TableLookupLanes(v, indices_); }
  HWY_INLINE CVec<T> operator()(const CVec<T>& v) const { return {(*this)(v.re), (*this)(v.im)}; }

 private:
  using Integer = hwy::SignedFromSize<sizeof(T)>;
  static HWY_ATTR auto make(Index mask) {
    alignas(64) Integer table[kLanes<T>];
    for (Index lane = 0; lane < kLanes<T>; ++lane) table[lane] = static_cast<Integer>(lane ^ mask);
    return hn::SetTableIndices(Tag<T>(), table);
  }
  decltype(hn::SetTableIndices(Tag<T>(), static_cast<const Integer*>(nullptr))) indices_;
};

// The sum over lanes, in lane order and double precision.
template <class T>
Complex sum_lanes(const CVec<T>& v) {
  Lanes<T> lanes;
  store(v, lanes);
  Complex sum = 0;
  for (Index lane = 0; lane < kLanes<T>; ++lane) sum += Complex(lanes.re[lane], lanes.im[lane]);
  return sum;
}

// States beyond the caches gain from asking for amplitudes early: where a target splits memory into
// short runs, the hardware does not see what comes next.
inline constexpr int kWideQubits = 18;
template <class T>
inline constexpr Index kPrefetchGroups = 8192 / (2 * sizeof(T) * kLanes<T>);  // 8 KiB ahead

template <class T>
HWY_INLINE void prefetch(const T* state, Index i) {
  const T* at = state + real_offset<T>(i);
  hwy::Prefetch(at);
  hwy::Prefetch(at + kBlock<T>);
}

// Calls body(i) for the amplitude index i at which each group of a part starts.
template <class Body>
HWY_INLINE void for_groups(const Groups& groups, Part part, const Body& body) {
  Index i = groups.start(part);
  for (Index g = groups.size(part); g > 0; --g, i = groups.next(i)) body(i);
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
