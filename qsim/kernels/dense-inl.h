// Dense steps, and their backward transition. Those on one to three qubits keep all in registers.

#if defined(KETGRAD_DENSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_DENSE_INL_H_
#undef KETGRAD_DENSE_INL_H_
#else
#define KETGRAD_DENSE_INL_H_
#endif

#include "qsim/kernels/complex-inl.h"
#include "qsim/kernels/dense_many-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// A matrix on H high and L low targets acts on 2^H vectors at a time. A low target mixes the lanes
// of one vector: with the lanes permuted by xor with each pattern x of the low targets,
//
//   out[j] = Σ_{j', x} C[j, j', x] ∘ permute_x(in[j'])
//
// where C holds, lane by lane, the matrix element between the basis states involved. Controls below
// the lane bits turn the rows of lanes where they fail into those of the identity.
template <class T, int H, int L>
class DenseStep {
 public:
  static constexpr Index kHigh = Index{1} << H;
  static constexpr Index kLow = Index{1} << L;
  static constexpr Index kEntries = kHigh * kHigh * kLow;

  DenseStep(const Site& site, const TargetSplit& split, const std::complex<T>* matrix)
      : DenseStep(site, split, matrix, std::make_integer_sequence<Index, kLow>()) {}

  HWY_INLINE void read(const T* state, Index i, CVec<T> (&in)[kHigh]) const {
    for (Index j = 0; j < kHigh; ++j) in[j] = load(state, i | offset[j]);
  }

  HWY_INLINE CVec<T> permuted(const CVec<T>& v, Index x) const {
    return x == 0 ? v : permute_[x](v);
  }

  HWY_INLINE void apply(const CVec<T> (&in)[kHigh], T* state, Index i) const {
    CVec<T> out[kHigh];
    for (Index j = 0; j < kHigh; ++j) out[j] = mul(entries_[j * kHigh * kLow], in[0]);
    for (Index c = 0; c < kHigh; ++c) {
      for (Index x = 0; x < kLow; ++x) {
        if (c == 0 && x == 0) continue;
        const CVec<T> v = permuted(in[c], x);
        for (Index j = 0; j < kHigh; ++j) {
          out[j] = mul_add(entries_[(j * kHigh + c) * kLow + x], v, out[j]);
        }
      }
    }
    for (Index j = 0; j < kHigh; ++j) store(out[j], state, i | offset[j]);
  }

  // sums[e] += ket[row] · conj(permute_x(bra[column])), unrolled so that the sums stay in
  // registers.
  template <Index... E>
  static HWY_INLINE void add_transition(const DenseStep& step, const CVec<T> (&k)[kHigh],
                                        const CVec<T> (&b)[kHigh], CVec<T> (&sums)[kEntries],
                                        std::integer_sequence<Index, E...> /*entries*/) {
    ((sums[E] =
          mul_conj_add(k[E / kLow / kHigh], step.permuted(b[E / kLow % kHigh], E % kLow), sums[E])),
     ...);
  }

  Index offset[kHigh];

 private:
  template <Index... X>
  DenseStep(const Site& site, const TargetSplit& split, const std::complex<T>* matrix,
            std::integer_sequence<Index, X...> /*patterns*/)
      : permute_{LaneXor<T>(split.low_offset(X))...} {
    const Index size = Index{1} << (H + L);
    for (Index j = 0; j < kHigh; ++j) offset[j] = split.high_offset(j);
    const Index low = kLanes<T> - 1;
    const ControlMask low_controls{site.controls.mask & low, site.controls.value & low};
    const bool same_in_all_lanes = L == 0 && low_controls.mask == 0;
    for (Index e = 0; e < kEntries; ++e) {
      const Index x = e % kLow;
      const Index column = e / kLow % kHigh;
      const Index row = e / kLow / kHigh;
      if (same_in_all_lanes) {
        entries_[e] = broadcast(matrix[split.local(row, 0) * size + split.local(column, 0)]);
        continue;
      }
      Lanes<T> lanes;
      for (Index lane = 0; lane < kLanes<T>; ++lane) {
        const std::complex<T> identity = row == column && x == 0 ? T{1} : T{0};
        const Index r = split.local(row, lane);
        const Index c = split.local(column, lane ^ split.low_offset(x));
        lanes.set(lane, low_controls.holds(lane) ? matrix[r * size + c] : identity);
      }
      entries_[e] = load(lanes);
    }
  }

  CVec<T> entries_[kEntries];
  LaneXor<T> permute_[kLow];
};

// Pairs of amplitudes this far apart, in bytes, share few pages of memory. Asked for alternately,
// as they are used, they come at half of the bandwidth; asked for in the order in which they lie in
// memory, and so early that the second of a pair is there in time, at nearly all of it. Those
// closer or further apart come best when nobody asks.
inline constexpr Index kNearestPairs = 1 << 10;
inline constexpr Index kFarthestPairs = 1 << 14;
inline constexpr Index kPrefetchBytes = 1 << 12;
template <class T>
inline constexpr Index kAmplitudeBytes = 2 * sizeof(T);

// For the pair (i, i | target), the place in memory that comes up in the walk over all pairs.
constexpr Index in_memory_order(Index i, Index target) { return i + (i & (target - 1)); }

template <class T, int H, int L>
void dense_kernel(T* state, const Site& site, const TargetSplit& split,
                  const std::complex<T>* matrix, Part part) {
  const DenseStep<T, H, L> step(site, split, matrix);
  const bool far = site.n_qubits >= kWideQubits;
  const bool is_pair = H <= 1 && site.controls.mask == 0;
  const Index apart = split.high_mask() * kAmplitudeBytes<T>;
  const bool near_pairs = far && is_pair && apart >= kNearestPairs && apart <= kFarthestPairs;
  const Index early = split.high_mask() + kPrefetchBytes / kAmplitudeBytes<T>;
  const Index last = bit(site.n_qubits) - 1;
  const Groups groups(site.n_qubits, kLaneBits<T>, split.high_mask(), site.controls);
  for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
    if (near_pairs) {
      const Index at = in_memory_order(i, split.high_mask()) + early;
      prefetch(state, at & last);
      prefetch(state, (at & last) | kLanes<T>);
    } else if (far && !is_pair) {
      const Index ahead = groups.after(i, kPrefetchGroups<T>);
      for (const Index o : step.offset) prefetch(state, ahead | o);
    }
    CVec<T> in[DenseStep<T, H, L>::kHigh];
    step.read(state, i, in);
    step.apply(in, state, i);
  });
}

template <class T, int H, int L>
void dense_transition_kernel(T* ket, T* bra, const Site& site, const TargetSplit& split,
                             const std::complex<T>* inverse, Complex* transition, Part part) {
  using Step = DenseStep<T, H, L>;
  const Step step(site, split, inverse);
  const Groups groups(site.n_qubits, kLaneBits<T>, split.high_mask(), site.controls);
  CVec<T> sums[Step::kEntries];
  for (Index e = 0; e < Step::kEntries; ++e) sums[e] = zero<T>();
  for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
    CVec<T> k[Step::kHigh];
    CVec<T> b[Step::kHigh];
    step.read(ket, i, k);
    step.read(bra, i, b);
    Step::add_transition(step, k, b, sums, std::make_integer_sequence<Index, Step::kEntries>());
    step.apply(k, ket, i);
    step.apply(b, bra, i);
  });

  const Index size = Index{1} << (H + L);
  const Index low = kLanes<T> - 1;
  const ControlMask low_controls{site.controls.mask & low, site.controls.value & low};
  for (Index e = 0; e < Step::kEntries; ++e) {
    Lanes<T> lanes;
    store(sums[e], lanes);
    const Index x = e % Step::kLow;
    const Index column = e / Step::kLow % Step::kHigh;
    const Index row = e / Step::kLow / Step::kHigh;
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      if (!low_controls.holds(lane)) continue;
      const Index r = split.local(row, lane);
      const Index c = split.local(column, lane ^ split.low_offset(x));
      transition[r * size + c] += Complex(lanes.re[lane], lanes.im[lane]);
    }
  }
}

// Eight inputs and eight results do not fit 16 registers; on AVX2 panels are twice as fast, on
// narrower registers not.
template <class T>
inline constexpr bool kSpillsThreeHigh = sizeof(T) * kLanes<T> == 32;

template <class T>
void dense(T* state, const Site& site, const std::complex<T>* matrix, Part part) {
  const TargetSplit split(site.targets, kLaneBits<T>);
  const std::size_t shape = site.targets.size() * 4 + split.n_low();
  switch (shape) {
    case 4:
      return dense_kernel<T, 1, 0>(state, site, split, matrix, part);
    case 5:
      return dense_kernel<T, 0, 1>(state, site, split, matrix, part);
    case 8:
      return dense_kernel<T, 2, 0>(state, site, split, matrix, part);
    case 9:
      return dense_kernel<T, 1, 1>(state, site, split, matrix, part);
    case 10:
      return dense_kernel<T, 0, 2>(state, site, split, matrix, part);
    case 12:
      if (kSpillsThreeHigh<T> && Panels<T>::fit(site)) break;
      return dense_kernel<T, 3, 0>(state, site, split, matrix, part);
    case 13:
      return dense_kernel<T, 2, 1>(state, site, split, matrix, part);
    case 14:
      return dense_kernel<T, 1, 2>(state, site, split, matrix, part);
    case 15:
      return dense_kernel<T, 0, 3>(state, site, split, matrix, part);
    default:
      break;
  }
  return Panels<T>::fit(site) ? dense_many(state, site, matrix, part)
                              : generic_dense(state, site, matrix, part);
}

template <class T>
void dense_transition(T* ket, T* bra, const Site& site, const std::complex<T>* inverse,
                      Complex* transition, Part part) {
  const TargetSplit split(site.targets, kLaneBits<T>);
  const std::size_t shape = site.targets.size() * 4 + split.n_low();
  switch (shape) {
    case 4:
      return dense_transition_kernel<T, 1, 0>(ket, bra, site, split, inverse, transition, part);
    case 5:
      return dense_transition_kernel<T, 0, 1>(ket, bra, site, split, inverse, transition, part);
    case 8:
      return dense_transition_kernel<T, 2, 0>(ket, bra, site, split, inverse, transition, part);
    case 9:
      return dense_transition_kernel<T, 1, 1>(ket, bra, site, split, inverse, transition, part);
    case 10:
      return dense_transition_kernel<T, 0, 2>(ket, bra, site, split, inverse, transition, part);
    case 12:
      return dense_transition_kernel<T, 3, 0>(ket, bra, site, split, inverse, transition, part);
    case 13:
      return dense_transition_kernel<T, 2, 1>(ket, bra, site, split, inverse, transition, part);
    case 14:
      return dense_transition_kernel<T, 1, 2>(ket, bra, site, split, inverse, transition, part);
    case 15:
      return dense_transition_kernel<T, 0, 3>(ket, bra, site, split, inverse, transition, part);
    default:
      return site.targets.size() <= kMostTransitionTargets && Panels<T>::fit(site)
                 ? dense_many_transition(ket, bra, site, inverse, transition, part)
                 : generic_dense_transition(ket, bra, site, inverse, transition, part);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
