// Passes over a tile: gates on several qubits at once, the numbers their gradients need, and linear
// permutations.

#if defined(KETGRAD_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_TILE_INL_H_
#undef KETGRAD_TILE_INL_H_
#else
#define KETGRAD_TILE_INL_H_
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

// The sums of a qubit: with u = conj(bra) · (ket with the qubit flipped), Im u is the X part and
// ∓Re u the Y part, − where the qubit of the bra is 0.
template <class T>
struct AxisSums {
  AxisSums() : x(hn::Zero(Tag<T>())), y(hn::Zero(Tag<T>())) {}
  Vec<T> x;
  Vec<T> y;
};

// sum + Im conj(bra) ket.
template <class T>
HWY_INLINE void add_im(const CVec<T>& bra, const CVec<T>& ket, Vec<T>& sum) {
  sum = hn::MulAdd(bra.re, ket.im, sum);
  sum = hn::NegMulAdd(bra.im, ket.re, sum);
}

// sum ± Re conj(bra) ket.
template <class T>
HWY_INLINE void add_re(const CVec<T>& bra, const CVec<T>& ket, Vec<T>& sum) {
  sum = hn::MulAdd(bra.re, ket.re, sum);
  sum = hn::MulAdd(bra.im, ket.im, sum);
}
template <class T>
HWY_INLINE void subtract_re(const CVec<T>& bra, const CVec<T>& ket, Vec<T>& sum) {
  sum = hn::NegMulAdd(bra.re, ket.re, sum);
  sum = hn::NegMulAdd(bra.im, ket.im, sum);
}

template <class T>
double sum_of(const Vec<T>& v) {
  alignas(64) T lanes[kLanes<T>];
  hn::Store(v, Tag<T>(), lanes);
  double sum = 0;
  for (const T lane : lanes) sum += static_cast<double>(lane);
  return sum;
}

template <class T>
double signed_sum(const Vec<T>& v, int lane_qubit) {
  alignas(64) T lanes[kLanes<T>];
  hn::Store(v, Tag<T>(), lanes);
  double sum = 0;
  for (Index lane = 0; lane < kLanes<T>; ++lane) {
    sum += static_cast<double>(has_bit(lane, lane_qubit) ? -lanes[lane] : lanes[lane]);
  }
  return sum;
}

template <class T, int H>
void axes_kernel(const T* ket, const T* bra, int n_qubits, const AxesPass& pass, double* sums) {
  const HighPatterns<H> patterns([&](int h) { return pass.high[static_cast<std::size_t>(h)]; });
  constexpr Index kCount = HighPatterns<H>::kCount;
  Vec<T> z[kCount];
  for (Index j = 0; j < kCount; ++j) z[j] = hn::Zero(Tag<T>());
  AxisSums<T> high[std::size_t{H} + 1];
  AxisSums<T> low[kMostLaneBits];
  LaneXor<T> flip[kMostLaneBits] = {LaneXor<T>(1), LaneXor<T>(1), LaneXor<T>(1), LaneXor<T>(1)};
  for (int l = 0; l < pass.n_low; ++l) {
    flip[l] = LaneXor<T>(bit(pass.low[static_cast<std::size_t>(l)]));
  }
  const Groups groups(n_qubits, kLaneBits<T>, patterns.mask, {});
  for_groups(groups, Part{}, [&](Index i) KETGRAD_LOOP_BODY {
    CVec<T> k[kCount];
    CVec<T> b[kCount];
    for (Index j = 0; j < kCount; ++j) {
      k[j] = load(ket, i | patterns.offset[j]);
      b[j] = load(bra, i | patterns.offset[j]);
      add_im(b[j], k[j], z[j]);
    }
    KETGRAD_UNROLL for (int h = 0; h < H; ++h) {
      KETGRAD_UNROLL for (Index j = 0; j < kCount; ++j) {
        const CVec<T>& flipped = k[j ^ (Index{1} << h)];
        add_im(b[j], flipped, high[h].x);
        has_bit(j, h) ? add_re(b[j], flipped, high[h].y) : subtract_re(b[j], flipped, high[h].y);
      }
    }
    for (int l = 0; l < pass.n_low; ++l) {
      AxisSums<T> sum = low[l];
      for (Index j = 0; j < kCount; ++j) {
        const CVec<T> flipped = flip[l](k[j]);
        add_im(b[j], flipped, sum.x);
        add_re(b[j], flipped, sum.y);
      }
      low[l] = sum;
    }
  });

  constexpr std::size_t kAxes = 3;
  for (int h = 0; h < H; ++h, sums += kAxes) {
    sums[0] += sum_of<T>(high[h].x);
    sums[1] += sum_of<T>(high[h].y);
    for (Index j = 0; j < kCount; ++j) {
      sums[2] += has_bit(j, h) ? -sum_of<T>(z[j]) : sum_of<T>(z[j]);
    }
  }
  for (int l = 0; l < pass.n_low; ++l, sums += kAxes) {
    const int qubit = pass.low[static_cast<std::size_t>(l)];
    sums[0] += sum_of<T>(low[l].x);
    sums[1] -= signed_sum<T>(low[l].y, qubit);
    for (Index j = 0; j < kCount; ++j) sums[2] += signed_sum<T>(z[j], qubit);
  }
}

// Adds, for each of the high and then of the low qubits, the X, Y and Z parts.
template <class T>
void axes(const T* ket, const T* bra, int n_qubits, const AxesPass& pass, double* sums) {
  switch (pass.n_high) {
    case 0:
      return axes_kernel<T, 0>(ket, bra, n_qubits, pass, sums);
    case 1:
      return axes_kernel<T, 1>(ket, bra, n_qubits, pass, sums);
    default:
      return axes_kernel<T, 2>(ket, bra, n_qubits, pass, sums);
  }
}

template <class T>
void multiply(T* tile, const T* factors, int n_qubits) {
  const Groups groups(n_qubits, kLaneBits<T>, 0, {});
  for_groups(groups, Part{}, [&](Index i) KETGRAD_LOOP_BODY {
    store(mul(load(factors, i), load(tile, i)), tile, i);
  });
}

template <class T>
void weigh(const T* ket, const T* bra, int n_qubits, T* weights) {
  const Tag<T> d;
  const Groups groups(n_qubits, kLaneBits<T>, 0, {});
  for_groups(groups, Part{}, [&](Index i) KETGRAD_LOOP_BODY {
    Vec<T> sum = hn::LoadU(d, weights + i);
    add_im(load(bra, i), load(ket, i), sum);
    hn::StoreU(sum, d, weights + i);
  });
}

template <class T>
class LaneOrder {
 public:
  explicit LaneOrder(const std::uint8_t* from) : indices_(make(from)) {}
  HWY_INLINE CVec<T> operator()(const CVec<T>& v) const {
    return {hn::TableLookupLanes(v.re, indices_), hn::TableLookupLanes(v.im, indices_)};
  }

 private:
  using Integer = hwy::SignedFromSize<sizeof(T)>;
  static HWY_ATTR auto make(const std::uint8_t* from) {
    alignas(64) Integer table[kLanes<T>];
    for (Index lane = 0; lane < kLanes<T>; ++lane) table[lane] = static_cast<Integer>(from[lane]);
    return hn::SetTableIndices(Tag<T>(), table);
  }
  decltype(hn::SetTableIndices(Tag<T>(), static_cast<const Integer*>(nullptr))) indices_;
};

// The lane orders of all xor patterns.
template <class T, class Sequence>
struct LaneOrders;
template <class T, Index... X>
struct LaneOrders<T, std::integer_sequence<Index, X...>> {
  explicit LaneOrders(const std::uint8_t* orders) : of{LaneOrder<T>(orders + X * kLanes<T>)...} {}
  LaneOrder<T> of[sizeof...(X)];
};

template <class T>
void linear(T* out, const T* in, const LinearPass& pass, Index flip) {
  const LaneOrders<T, std::make_integer_sequence<Index, kLanes<T>>> orders(pass.orders.data());
  const Index high_flip = flip & ~(kLanes<T> - 1);
  const Index low_flip = flip & (kLanes<T> - 1);
  const std::size_t n_registers = pass.source.size();
  if (pass.offsets.size() == 1) {
    for (std::size_t k = 0; k < n_registers; ++k) {
      const CVec<T> v = load(in, pass.source[k] ^ high_flip);
      store(orders.of[pass.order[k] ^ low_flip](v), out, k * kLanes<T>);
    }
    return;
  }
  // Lane by lane a mask of ones for each offset.
  const Tag<T> d;
  const std::size_t n_offsets = pass.offsets.size();
  Vec<T> masks[kLanes<T>];
  for (std::size_t c = 0; c < n_offsets; ++c) {
    alignas(64) T ones[kLanes<T>];
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      ones[lane] = pass.offset_of_lane[lane] == c ? T(1) : T(0);
    }
    masks[c] = hn::Load(d, ones);
  }
  for (std::size_t k = 0; k < n_registers; ++k) {
    const LaneOrder<T>& order = orders.of[pass.order[k] ^ low_flip];
    const Index source = pass.source[k] ^ high_flip;
    CVec<T> v = order(load(in, source ^ pass.offsets[0]));
    for (std::size_t c = 1; c < n_offsets; ++c) {
      const CVec<T> w = order(load(in, source ^ pass.offsets[c]));
      const auto here = hn::Ne(masks[c], hn::Zero(d));
      v = {hn::IfThenElse(here, w.re, v.re), hn::IfThenElse(here, w.im, v.im)};
    }
    store(v, out, k * kLanes<T>);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
