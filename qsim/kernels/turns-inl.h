// Gates on several qubits at once, in a pass over a tile.

#if defined(KETGRAD_TURNS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_TURNS_INL_H_
#undef KETGRAD_TURNS_INL_H_
#else
#define KETGRAD_TURNS_INL_H_
#endif

#include "qsim/kernels/complex-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// Eight complex registers and the coefficients need more than sixteen vector registers.
inline constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON;
inline constexpr int kTurnHigh = kManyRegisters ? 3 : 2;
inline constexpr int kRealTurnHigh = kTurnHigh + 1;

// Patterns of H high qubits: offset[j] of pattern j, and their mask.
template <int H>
struct HighPatterns {
  static constexpr Index kCount = Index{1} << H;
  Index mask = 0;
  Index offset[kCount] = {};
  template <class QubitOf>
  explicit HighPatterns(const QubitOf& qubit_of) {
    for (int h = 0; h < H; ++h) mask |= bit(qubit_of(h));
    for (Index j = 0; j < kCount; ++j) {
      for (int h = 0; h < H; ++h) {
        if (has_bit(j, h)) offset[j] |= bit(qubit_of(h));
      }
    }
  }
};

template <class T>
struct HighRotation {
  Vec<T> c;
  Vec<T> s;
  Vec<T> t;
  bool tangent;
};

template <class T>
HWY_INLINE HighRotation<T> broadcast_rotation(const TileRotation<T>& r) {
  const Tag<T> d;
  return {hn::Set(d, r.c), hn::Set(d, r.s), hn::Set(d, r.t), r.tangent};
}

// Registers that differ in the qubit: with the factor c, and without.
template <class T>
HWY_INLINE void rotate_pair(const HighRotation<T>& r, Vec<T>& a, Vec<T>& b) {
  const Vec<T> old = a;
  a = hn::NegMulAdd(r.s, b, hn::Mul(r.c, a));
  b = hn::MulAdd(r.s, old, hn::Mul(r.c, b));
}
template <class T>
HWY_INLINE void turn_pair(const HighRotation<T>& r, Vec<T>& a, Vec<T>& b) {
  const Vec<T> old = a;
  a = hn::NegMulAdd(r.t, b, a);
  b = hn::MulAdd(r.t, old, b);
}
template <class T>
HWY_INLINE void rotate_pair(const HighRotation<T>& r, CVec<T>& a, CVec<T>& b) {
  rotate_pair(r, a.re, b.re);
  rotate_pair(r, a.im, b.im);
}
template <class T>
HWY_INLINE void turn_pair(const HighRotation<T>& r, CVec<T>& a, CVec<T>& b) {
  turn_pair(r, a.re, b.re);
  turn_pair(r, a.im, b.im);
}

// Rotates all pairs of registers, of amplitudes or of their parts, that differ in high qubit h.
template <int H, int h, class T, class V>
HWY_INLINE void rotate_pairs(V (&v)[Index{1} << H], const HighRotation<T>& r) {
  constexpr Index kBit = Index{1} << h;
  if (r.tangent) {
    KETGRAD_UNROLL for (Index j = 0; j < (Index{1} << H); ++j) {
      if ((j & kBit) == 0) turn_pair(r, v[j], v[j | kBit]);
    }
  } else {
    KETGRAD_UNROLL for (Index j = 0; j < (Index{1} << H); ++j) {
      if ((j & kBit) == 0) rotate_pair(r, v[j], v[j | kBit]);
    }
  }
}

// out = c·v ∓ s·(partner): −s in lanes where the qubit is 0. By the tangent without c.
template <class T>
class LaneRotation {
 public:
  LaneRotation() : permute_(0), c_(hn::Zero(Tag<T>())), s_(hn::Zero(Tag<T>())) {}
  explicit LaneRotation(const TileRotation<T>& r)
      : permute_(bit(r.qubit)), c_(hn::Set(Tag<T>(), r.c)), s_(c_), tangent_(r.tangent) {
    const Tag<T> d;
    const T s = r.tangent ? r.t : r.s;
    alignas(64) T signs[kLanes<T>];
    for (Index lane = 0; lane < kLanes<T>; ++lane) signs[lane] = has_bit(lane, r.qubit) ? s : -s;
    s_ = hn::Load(d, signs);
  }
  template <Index N, class V>
  HWY_INLINE void rotate(V (&v)[N]) const {
    if (tangent_) {
      for (Index j = 0; j < N; ++j) v[j] = turned(v[j]);
    } else {
      for (Index j = 0; j < N; ++j) v[j] = rotated(v[j]);
    }
  }

 private:
  HWY_INLINE Vec<T> turned(const Vec<T>& v) const { return hn::MulAdd(s_, permute_(v), v); }
  HWY_INLINE Vec<T> rotated(const Vec<T>& v) const {
    return hn::MulAdd(s_, permute_(v), hn::Mul(c_, v));
  }
  HWY_INLINE CVec<T> turned(const CVec<T>& v) const { return {turned(v.re), turned(v.im)}; }
  HWY_INLINE CVec<T> rotated(const CVec<T>& v) const { return {rotated(v.re), rotated(v.im)}; }

  LaneXor<T> permute_;
  Vec<T> c_;
  Vec<T> s_;
  bool tangent_ = false;
};

// The rotations of a pass, in registers.
template <class T, int H>
struct PassRotations {
  explicit PassRotations(const TurnPass<T>& pass) : n_low(pass.n_low) {
    for (std::size_t h = 0; h < H; ++h) high[h] = broadcast_rotation(pass.high[h]);
    for (std::size_t l = 0; l < static_cast<std::size_t>(n_low); ++l) {
      low[l] = LaneRotation<T>(pass.low[l]);
    }
  }
  template <class V>
  HWY_INLINE void rotate(V (&v)[Index{1} << H]) const {
    if constexpr (H > 0) rotate_pairs<H, 0>(v, high[0]);
    if constexpr (H > 1) rotate_pairs<H, 1>(v, high[1]);
    if constexpr (H > 2) rotate_pairs<H, 2>(v, high[2]);
    if constexpr (H > 3) rotate_pairs<H, 3>(v, high[3]);
    for (int l = 0; l < n_low; ++l) low[l].rotate(v);
  }
  HighRotation<T> high[std::size_t{H} + 1];
  LaneRotation<T> low[kMostLaneBits];
  int n_low;
};

template <int H, class T>
HighPatterns<H> patterns_of(const TurnPass<T>& pass) {
  return HighPatterns<H>([&](int h) { return pass.high[static_cast<std::size_t>(h)].qubit; });
}

// To the amplitudes from i on, of the g-th pattern of the other high qubits.
template <class T, int H>
HWY_INLINE void apply_phases(const TurnPhases<T>& phases, const HighPatterns<H>& patterns, Index i,
                             Index g, CVec<T> (&v)[Index{1} << H]) {
  const auto of_turned = [&](Index j) HWY_ATTR -> CVec<T> {
    const Tag<T> d;
    const T* at = phases.turned.data() + 2 * kLanes<T> * j;
    return {hn::Load(d, at), hn::Load(d, at + kLanes<T>)};
  };
  if (phases.factors != nullptr) {
    for (Index j = 0; j < patterns.kCount; ++j) {
      v[j] = mul(load(phases.factors, i | patterns.offset[j]), v[j]);
    }
    if (!phases.has_turned) return;
  }
  if (phases.others.empty()) {
    for (Index j = 0; j < patterns.kCount; ++j) v[j] = mul(of_turned(j), v[j]);
  } else {
    const CVec<T> factor = broadcast<T>(phases.others[g]);
    for (Index j = 0; j < patterns.kCount; ++j) v[j] = mul(mul(factor, of_turned(j)), v[j]);
  }
}

template <class T, int H>
void phased_turns_kernel(T* tile, int n_qubits, const TurnPass<T>& pass) {
  const HighPatterns<H> patterns = patterns_of<H>(pass);
  const PassRotations<T, H> rotations(pass);
  const Groups groups(n_qubits, kLaneBits<T>, patterns.mask, {});
  Index g = 0;
  for_groups(groups, Part{}, [&](Index i) KETGRAD_LOOP_BODY {
    CVec<T> v[HighPatterns<H>::kCount];
    for (Index j = 0; j < patterns.kCount; ++j) v[j] = load(tile, i | patterns.offset[j]);
    if (pass.pre.any) apply_phases<T, H>(pass.pre, patterns, i, g, v);
    rotations.rotate(v);
    if (pass.post.any) apply_phases<T, H>(pass.post, patterns, i, g, v);
    for (Index j = 0; j < patterns.kCount; ++j) store(v[j], tile, i | patterns.offset[j]);
    ++g;
  });
}

template <class T, int H>
void real_turns_kernel(T* tile, int n_qubits, const TurnPass<T>& pass) {
  const HighPatterns<H> patterns = patterns_of<H>(pass);
  const PassRotations<T, H> rotations(pass);
  const Tag<T> d;
  const Vec<T> scale = hn::Set(d, pass.scale);
  const bool scaled = pass.scale != 1;
  std::size_t offset[HighPatterns<H>::kCount];
  for (Index j = 0; j < patterns.kCount; ++j) offset[j] = real_offset<T>(patterns.offset[j]);
  const Groups groups(n_qubits, kLaneBits<T>, patterns.mask, {});
  for_groups(groups, Part{}, [&](Index i) KETGRAD_LOOP_BODY {
    T* at = tile + real_offset<T>(i);
    for (Index part = 0; part < 2; ++part, at += kBlock<T>) {
      Vec<T> v[HighPatterns<H>::kCount];
      for (Index j = 0; j < patterns.kCount; ++j) v[j] = hn::Load(d, at + offset[j]);
      if (scaled) {
        for (Index j = 0; j < patterns.kCount; ++j) v[j] = hn::Mul(scale, v[j]);
      }
      rotations.rotate(v);
      for (Index j = 0; j < patterns.kCount; ++j) hn::Store(v[j], d, at + offset[j]);
    }
  });
}

template <class T>
void phased_turns(T* tile, int n_qubits, const TurnPass<T>& pass) {
  switch (pass.n_high) {
    case 0:
      return phased_turns_kernel<T, 0>(tile, n_qubits, pass);
    case 1:
      return phased_turns_kernel<T, 1>(tile, n_qubits, pass);
    case 2:
      return phased_turns_kernel<T, 2>(tile, n_qubits, pass);
    default:
      return phased_turns_kernel<T, kTurnHigh>(tile, n_qubits, pass);
  }
}

template <class T>
void real_turns(T* tile, int n_qubits, const TurnPass<T>& pass) {
  switch (pass.n_high) {
    case 0:
      return real_turns_kernel<T, 0>(tile, n_qubits, pass);
    case 1:
      return real_turns_kernel<T, 1>(tile, n_qubits, pass);
    case 2:
      return real_turns_kernel<T, 2>(tile, n_qubits, pass);
    case 3:
      return real_turns_kernel<T, 3>(tile, n_qubits, pass);
    default:
      return real_turns_kernel<T, kRealTurnHigh>(tile, n_qubits, pass);
  }
}

template <class T>
void turns(T* tile, int n_qubits, const TurnPass<T>& pass) {
  pass.has_phases() ? phased_turns(tile, n_qubits, pass) : real_turns(tile, n_qubits, pass);
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
