// Classes of Pauli strings (pauli_class.h) on one stretch of a state: what all the strings of a
// class have in common is computed once, and signs are applied to whole registers. A tile is worked
// off in chunks of 16 registers. The masks split accordingly: "lane" bits inside a register, "mid"
// bits that tell the registers of a chunk apart, and "far" bits.

#if defined(KETGRAD_PAULI_CLASS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_PAULI_CLASS_INL_H_
#undef KETGRAD_PAULI_CLASS_INL_H_
#else
#define KETGRAD_PAULI_CLASS_INL_H_
#endif

#include "qsim/kernels/complex-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

inline constexpr int kMidBits = 4;
inline constexpr Index kChunk = Index{1} << kMidBits;  // in registers
template <class T>
inline constexpr int kChunkBits = kLaneBits<T> + kMidBits;

// signs[m][lane] = (−1)^parity(lane & m).
template <class T>
struct LaneSigns {
  alignas(64) T signs[kLanes<T>][kLanes<T>];
};
template <class T>
constexpr LaneSigns<T> make_lane_signs() {
  LaneSigns<T> out{};
  for (Index m = 0; m < kLanes<T>; ++m) {
    for (Index lane = 0; lane < kLanes<T>; ++lane) out.signs[m][lane] = parity(lane & m) ? -1 : 1;
  }
  return out;
}
template <class T>
inline constexpr LaneSigns<T> kLaneSigns = make_lane_signs<T>();

template <class T>
HWY_INLINE Vec<T> load_lane_signs(Index z) {
  const Tag<T> d;
  return hn::Load(d, kLaneSigns<T>.signs[z & (kLanes<T> - 1)]);
}

template <class T>
HWY_INLINE Index mid_bits(Index mask) {
  return (mask >> kLaneBits<T>)&(kChunk - 1);
}
template <class T>
HWY_INLINE Index far_bits(Index mask) {
  return mask & ~(bit(kChunkBits<T>) - 1);
}

template <class T>
HWY_INLINE T sign_of(bool negative) {
  return negative ? T(-1) : T(1);
}

// Where the registers of a chunk find their partners.
template <class T, bool kPermutes>
class Partners {
 public:
  explicit Partners(Index x)
      : far_(far_bits<T>(x)), mid_(mid_bits<T>(x)), permute_(x & (kLanes<T> - 1)) {}
  HWY_INLINE CVec<T> operator()(const T* state, Index chunk, Index v) const {
    const CVec<T> b = load(state, (chunk ^ far_) + ((v ^ mid_) << kLaneBits<T>));
    if constexpr (kPermutes) return permute_(b);
    return b;
  }

 private:
  Index far_;
  Index mid_;
  LaneXor<T> permute_;
};

// Σ_v (−1)^parity(v & mid) p[v], as a balanced tree.
template <class T>
HWY_INLINE Vec<T> signed_sum(const Vec<T>* p, Index mid) {
  const Tag<T> d;
  Vec<T> sums[kChunk / 2];
  const Vec<T> s0 = hn::Set(d, sign_of<T>(has_bit(mid, 0)));
  KETGRAD_UNROLL
  for (Index v = 0; v < kChunk / 2; ++v) sums[v] = hn::MulAdd(s0, p[2 * v + 1], p[2 * v]);
  for (int j = 1; j < kMidBits; ++j) {
    const Vec<T> s = hn::Set(d, sign_of<T>(has_bit(mid, j)));
    KETGRAD_UNROLL
    for (Index v = 0; v < kChunk / 4; ++v) {
      if (v < kChunk >> (j + 1)) sums[v] = hn::MulAdd(s, sums[2 * v + 1], sums[2 * v]);
    }
  }
  return sums[0];
}

// The Walsh–Hadamard transform: p[m] ← Σ_v (−1)^parity(v & m) p[v], for all m at once.
template <class T>
HWY_INLINE void walsh_hadamard(Vec<T>* p) {
  KETGRAD_UNROLL
  for (int j = 0; j < kMidBits; ++j) {
    KETGRAD_UNROLL
    for (Index k = 0; k < kChunk / 2; ++k) {
      const Index v = insert_zero_bit(k, j);
      const Index w = v | bit(j);
      const Vec<T> a = p[v];
      const Vec<T> b = p[w];
      p[v] = hn::Add(a, b);
      p[w] = hn::Sub(a, b);
    }
  }
}

// The sum over lanes, in double precision.
template <class T>
double sum_lanes(const Vec<T>& v) {
  const Tag<T> d;
  alignas(64) T lanes[kLanes<T>];
  hn::Store(v, d, lanes);
  double sums[kLanes<T>];
  for (Index k = 0; k < kLanes<T>; ++k) sums[k] = lanes[k];
  for (Index half = kLanes<T> / 2; half > 0; half /= 2) {
    for (Index k = 0; k < half; ++k) sums[k] += sums[k + half];
  }
  return sums[0];
}

// The strings of which a transform of the products costs more than a signed sum each.
inline constexpr std::size_t kFewStrings = 3;

template <class T, bool kOdd, bool kPermutes>
void class_products(const T* state, Stretch stretch, const PauliClass& cls, const Index* z,
                    double* sums) {
  const Tag<T> d;
  // i and i ^ x give the same: where they lie in different chunks, only one of the two is visited.
  const Index far = far_bits<T>(cls.x);
  const Index pivot = far == 0 ? 0 : std::bit_floor(far);
  if (pivot >> stretch.bits != 0 && (stretch.start & pivot) != 0) return;
  const Partners<T, kPermutes> partner(cls.x);
  const bool few = cls.count <= kFewStrings;
  Vec<T> totals[kMostStrings];
  for (std::size_t k = 0; k < cls.count; ++k) totals[k] = hn::Zero(d);
  for (Index i = stretch.start; i < stretch.start + bit(stretch.bits); i += bit(kChunkBits<T>)) {
    if ((i & pivot) != 0) continue;
    Vec<T> p[kChunk];
    KETGRAD_UNROLL
    for (Index v = 0; v < kChunk; ++v) {
      const CVec<T> a = load(state, i + (v << kLaneBits<T>));
      const CVec<T> b = partner(state, i, v);
      p[v] = kOdd ? hn::NegMulAdd(a.im, b.re, hn::Mul(a.re, b.im))
                  : hn::MulAdd(a.im, b.im, hn::Mul(a.re, b.re));
    }
    if (few) {
      for (std::size_t k = 0; k < cls.count; ++k) {
        const Vec<T> sign = hn::Set(d, sign_of<T>(parity(i & far_bits<T>(z[k]))));
        totals[k] = hn::MulAdd(sign, signed_sum<T>(p, mid_bits<T>(z[k])), totals[k]);
      }
    } else {
      walsh_hadamard<T>(p);
      for (std::size_t k = 0; k < cls.count; ++k) {
        const Vec<T> sign = hn::Set(d, sign_of<T>(parity(i & far_bits<T>(z[k]))));
        totals[k] = hn::MulAdd(sign, p[mid_bits<T>(z[k])], totals[k]);
      }
    }
  }
  const double weight = pivot != 0 ? 2 : 1;
  for (std::size_t k = 0; k < cls.count; ++k) {
    sums[k] += weight * sum_lanes<T>(hn::Mul(load_lane_signs<T>(z[k]), totals[k]));
  }
}

template <class T>
void class_inner(const T* state, Stretch stretch, const PauliClass& cls, const Index* z,
                 double* sums) {
  const bool permutes = (cls.x & (kLanes<T> - 1)) != 0;
  if (cls.odd) {
    permutes ? class_products<T, true, true>(state, stretch, cls, z, sums)
             : class_products<T, true, false>(state, stretch, cls, z, sums);
  } else {
    permutes ? class_products<T, false, true>(state, stretch, cls, z, sums)
             : class_products<T, false, false>(state, stretch, cls, z, sums);
  }
}

// The factors Σ_k c_k (−1)^parity(i & z_k) of the registers of a chunk, one chunk after the other.
// Where the strings differ by one far mask at most, as XX and YY on two neighbours do, there are
// two sets of factors, one for either parity, of which equal coefficients make one zero.
template <class T>
class ChunkFactors {
 public:
  ChunkFactors(const PauliClass& cls, const Index* z, const T* c)
      : count_(cls.count), z_(z), c_(c) {
    for (std::size_t k = 0; k < count_; ++k) {
      const Index far = far_bits<T>(z[k]);
      if (far_ == 0) far_ = far;
      two_ = two_ && (far == 0 || far == far_);
      uniform_ = uniform_ && mid_bits<T>(z[k]) == 0;
    }
  }

  // Whether all registers of a chunk have the first one's.
  [[nodiscard]] bool uniform() const { return uniform_; }

  // Of the chunk at i; none where all are zero.
  HWY_INLINE const Vec<T>* operator()(Index i) {
    if (!two_) {
      fill(i, factors_[0]);
      return factors_[0];
    }
    const std::size_t side = parity(i & far_) ? 1 : 0;
    if (known_[side] == Known::kNothing) {
      fill(i, factors_[side]);
      known_[side] = all_zero(factors_[side]) ? Known::kZero : Known::kThere;
    }
    return known_[side] == Known::kZero ? nullptr : factors_[side];
  }

 private:
  enum class Known : unsigned char { kNothing, kZero, kThere };

  HWY_ATTR void fill(Index i, Vec<T>* factors) const {
    const Tag<T> d;
    for (Index v = 0; v < (uniform_ ? 1 : kChunk); ++v) factors[v] = hn::Zero(d);
    for (std::size_t k = 0; k < count_; ++k) {
      const Vec<T> c = hn::Set(d, sign_of<T>(parity(i & far_bits<T>(z_[k]))) * c_[k]);
      Vec<T>& factor = factors[mid_bits<T>(z_[k])];
      factor = hn::MulAdd(c, load_lane_signs<T>(z_[k]), factor);
    }
    if (!uniform_) walsh_hadamard<T>(factors);
  }

  HWY_ATTR bool all_zero(const Vec<T>* factors) const {
    const Tag<T> d;
    Vec<T> sum = hn::Abs(factors[0]);
    for (Index v = 1; v < kChunk && !uniform_; ++v) sum = hn::Max(sum, hn::Abs(factors[v]));
    return hn::AllTrue(d, hn::Eq(sum, hn::Zero(d)));
  }

  std::size_t count_;
  const Index* z_;
  const T* c_;
  Index far_ = 0;
  bool two_ = true;
  bool uniform_ = true;
  Known known_[2] = {Known::kNothing, Known::kNothing};
  Vec<T> factors_[2][kChunk];
};

template <class T, bool kOdd, bool kPermutes, bool kUniform>
void chunk_images(T* out, const T* state, Stretch stretch, const PauliClass& cls,
                  ChunkFactors<T>& factors_at) {
  const Partners<T, kPermutes> partner(cls.x);
  for (Index at = 0; at < bit(stretch.bits); at += bit(kChunkBits<T>)) {
    const Index i = stretch.start + at;
    const Vec<T>* const factors = factors_at(i);
    if (factors == nullptr) continue;
    const Vec<T> first = factors[0];
    KETGRAD_UNROLL
    for (Index v = 0; v < kChunk; ++v) {
      const Index to = at + (v << kLaneBits<T>);
      const CVec<T> b = partner(state, i, v);
      const Vec<T> factor = kUniform ? first : factors[v];
      CVec<T> sum = load(out, to);
      sum.re = hn::MulAdd(factor, kOdd ? b.im : b.re, sum.re);
      sum.im = kOdd ? hn::NegMulAdd(factor, b.re, sum.im) : hn::MulAdd(factor, b.im, sum.im);
      store(sum, out, to);
    }
  }
}

template <class T, bool kOdd, bool kPermutes>
void class_images(T* out, const T* state, Stretch stretch, const PauliClass& cls, const Index* z,
                  const T* c) {
  ChunkFactors<T> factors(cls, z, c);
  factors.uniform() ? chunk_images<T, kOdd, kPermutes, true>(out, state, stretch, cls, factors)
                    : chunk_images<T, kOdd, kPermutes, false>(out, state, stretch, cls, factors);
}

template <class T>
void class_accumulate(T* out, const T* state, Stretch stretch, const PauliClass& cls,
                      const Index* z, const T* c) {
  const bool permutes = (cls.x & (kLanes<T> - 1)) != 0;
  if (cls.odd) {
    permutes ? class_images<T, true, true>(out, state, stretch, cls, z, c)
             : class_images<T, true, false>(out, state, stretch, cls, z, c);
  } else {
    permutes ? class_images<T, false, true>(out, state, stretch, cls, z, c)
             : class_images<T, false, false>(out, state, stretch, cls, z, c);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
