// Passes over a tile: the numbers that gradients of gates need, phases, and linear permutations.

#if defined(KETGRAD_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_TILE_INL_H_
#undef KETGRAD_TILE_INL_H_
#else
#define KETGRAD_TILE_INL_H_
#endif

#include "qsim/kernels/complex-inl.h"
#include "qsim/kernels/turns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

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
