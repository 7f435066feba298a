// Dense steps on more than three qubits, as products of a matrix and panels of amplitudes.

#if defined(KETGRAD_DENSE_MANY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_DENSE_MANY_INL_H_
#undef KETGRAD_DENSE_MANY_INL_H_
#else
#define KETGRAD_DENSE_MANY_INL_H_
#endif

#include "qsim/kernels/complex-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// A panel has a register for each of the 2^k patterns of the targets, its lanes being as many
// patterns of other qubits. Where a target is a lane bit, it changes places with a qubit that is
// neither target nor control, its partner, while the panel is in the cache.
template <class T>
class Panels {
 public:
  // Whether there are partners for all lane targets.
  static bool fit(const Site& site) {
    const TargetSplit split(site.targets, kLaneBits<T>);
    const Index taken = (split.high_mask() | site.controls.mask) & ~(kLanes<T> - 1);
    return site.n_qubits - kLaneBits<T> - std::popcount(taken) >= static_cast<int>(split.n_low());
  }

  explicit Panels(const Site& site)
      : Panels(site, std::make_integer_sequence<Qubit, std::max(kLaneBits<T>, 1)>()) {}

  [[nodiscard]] Index size() const { return offsets_.size(); }
  // Whether the controls among the lane bits hold.
  [[nodiscard]] bool acts(Index lane) const { return low_controls_.holds(lane); }
  [[nodiscard]] Groups groups(const Site& site) const {
    return {site.n_qubits, kLaneBits<T>, fixed_, site.controls};
  }

  void read(const T* state, Index i, Lanes<T>* panel) const {
    with_low([&]<int L>(std::integral_constant<int, L> low) { read(low, state, i, panel); });
  }
  void write(const Lanes<T>* panel, T* state, Index i) const {
    with_low([&]<int L>(std::integral_constant<int, L> low) { write(low, panel, state, i); });
  }

 private:
  template <Qubit... Q>
  Panels(const Site& site, std::integer_sequence<Qubit, Q...> /*lane bits*/)
      : flips_{LaneXor<T>(bit(Q) & (kLanes<T> - 1))...} {
    const Index low = kLanes<T> - 1;
    Index taken = mask_of(site.targets) | site.controls.mask | low;
    std::vector<Qubit> places(site.targets.begin(), site.targets.end());
    Index low_patterns = 0;
    for (std::size_t k = 0; k < places.size(); ++k) {
      if (places[k] >= kLaneBits<T>) continue;
      low_patterns |= bit(static_cast<int>(k));
      low_[n_low_++] = places[k];
      places[k] = std::countr_one(taken);
      taken |= bit(places[k]);
    }
    fixed_ = mask_of(places);
    for (Index j = 0; j < bit(static_cast<int>(places.size())); ++j) {
      offsets_.push_back(scatter_bits(j, places));
      if ((j & low_patterns) == 0) high_.push_back(j);
      if ((j & ~low_patterns) == 0) lows_.push_back(j);
    }
    low_controls_ = {site.controls.mask & low, site.controls.value & low};
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      acts_[lane] = acts(lane) ? 1 : 0;
      for (int q = 0; q < kLaneBits<T>; ++q) ones_[q][lane] = has_bit(lane, q) ? 1 : 0;
    }
  }

  // Calls body with the number of lane targets.
  template <class Body>
  HWY_INLINE void with_low(const Body& body) const {
    switch (n_low_) {
      case 0:
        return body(std::integral_constant<int, 0>());
      case 1:
        return body(std::integral_constant<int, 1>());
      case 2:
        return body(std::integral_constant<int, 2>());
      case 3:
        return body(std::integral_constant<int, 3>());
      default:
        return body(std::integral_constant<int, 4>());
    }
  }

  // Register m of 2^L has pattern m of the partners, and will have that of the lane targets, or the
  // other way round.
  template <int L>
  HWY_INLINE void exchange(CVec<T> (&v)[1 << L]) const {
    KETGRAD_UNROLL
    for (int l = 0; l < L; ++l) {
      const auto one = mask(ones_[low_[l]]);
      const LaneXor<T>& flip = flips_[low_[l]];
      KETGRAD_UNROLL
      for (Index k = 0; k < (Index{1} << L) / 2; ++k) {
        CVec<T>& a = v[insert_zero_bit(k, l)];
        CVec<T>& b = v[insert_zero_bit(k, l) | bit(l)];
        const CVec<T> moved = flip(a);
        a = choose(one, flip(b), a);
        b = choose(one, b, moved);
      }
    }
  }

  template <int L>
  HWY_INLINE void read(std::integral_constant<int, L> /*low*/, const T* state, Index i,
                       Lanes<T>* panel) const {
    for (const Index j : high_) {
      CVec<T> v[1 << L];
      KETGRAD_UNROLL
      for (Index m = 0; m < Index{1} << L; ++m) v[m] = load(state, i | offsets_[j | lows_[m]]);
      exchange<L>(v);
      KETGRAD_UNROLL
      for (Index m = 0; m < Index{1} << L; ++m) store(v[m], panel[j | lows_[m]]);
    }
  }

  template <int L>
  HWY_INLINE void write(std::integral_constant<int, L> /*low*/, const Lanes<T>* panel, T* state,
                        Index i) const {
    const auto acts = mask(acts_);
    for (const Index j : high_) {
      CVec<T> v[1 << L];
      KETGRAD_UNROLL
      for (Index m = 0; m < Index{1} << L; ++m) v[m] = load(panel[j | lows_[m]]);
      exchange<L>(v);
      KETGRAD_UNROLL
      for (Index m = 0; m < Index{1} << L; ++m) {
        const Index at = i | offsets_[j | lows_[m]];
        if (low_controls_.mask != 0) v[m] = choose(acts, v[m], load(state, at));
        store(v[m], state, at);
      }
    }
  }

  static HWY_INLINE auto mask(const T* ones) {
    const Tag<T> d;
    return hn::Ne(hn::Load(d, ones), hn::Zero(d));
  }
  template <class Mask>
  static HWY_INLINE CVec<T> choose(Mask mask, const CVec<T>& yes, const CVec<T>& no) {
    return {hn::IfThenElse(mask, yes.re, no.re), hn::IfThenElse(mask, yes.im, no.im)};
  }

  std::vector<Index> offsets_;     // of the patterns, partners in place of lane targets
  std::vector<Index> high_;        // the patterns in which all lane targets are 0 …
  std::vector<Index> lows_;        // … and all others
  Qubit low_[kMostLaneBits] = {};  // the lane targets
  std::size_t n_low_ = 0;
  ControlMask low_controls_;
  Index fixed_ = 0;
  LaneXor<T> flips_[std::max(kLaneBits<T>, 1)];
  alignas(64) T ones_[std::max(kLaneBits<T>, 1)][kLanes<T>];
  alignas(64) T acts_[kLanes<T>];
};

// Rows of the product whose sums stay in registers.
template <class T>
inline constexpr Index kPanelRows = sizeof(T) * kLanes<T> >= 64 ? 8 : 4;

// out ← matrix · in.
template <class T>
void multiply_panel(const std::complex<T>* matrix, const Lanes<T>* in, Index size, Lanes<T>* out) {
  constexpr Index kRows = kPanelRows<T>;
  for (Index row = 0; row < size; row += kRows) {
    const std::complex<T>* m = matrix + row * size;
    CVec<T> sums[kRows];
    KETGRAD_UNROLL
    for (Index r = 0; r < kRows; ++r) sums[r] = zero<T>();
    for (Index column = 0; column < size; ++column) {
      const CVec<T> v = load(in[column]);
      KETGRAD_UNROLL
      for (Index r = 0; r < kRows; ++r) {
        sums[r] = mul_add(broadcast(m[r * size + column]), v, sums[r]);
      }
    }
    KETGRAD_UNROLL
    for (Index r = 0; r < kRows; ++r) store(sums[r], out[row + r]);
  }
}

template <class T>
void dense_many(T* state, const Site& site, const std::complex<T>* matrix, Part part) {
  const Panels<T> panels(site);
  const Index size = panels.size();
  std::vector<Lanes<T>> in(size);
  std::vector<Lanes<T>> out(size);
  const Groups groups = panels.groups(site);
  Index i = groups.start(part);
  for (Index g = groups.size(part); g > 0; --g, i = groups.next(i)) {
    panels.read(state, i, in.data());
    multiply_panel(matrix, in.data(), size, out.data());
    panels.write(out.data(), state, i);
  }
}

// Up to so many targets the sums of a transition fit the second-level cache.
inline constexpr std::size_t kMostTransitionTargets = 6;

template <class T>
void dense_many_transition(T* ket, T* bra, const Site& site, const std::complex<T>* inverse,
                           Complex* transition, Part part) {
  const Panels<T> panels(site);
  const Index size = panels.size();
  std::vector<Lanes<T>> k(size);
  std::vector<Lanes<T>> b(size);
  std::vector<Lanes<T>> out(size);
  std::vector<Lanes<T>> sums(size * size, Lanes<T>{});
  const auto undo = [&](const Lanes<T>* in, T* state, Index i) {
    multiply_panel(inverse, in, size, out.data());
    panels.write(out.data(), state, i);
  };
  const Groups groups = panels.groups(site);
  Index i = groups.start(part);
  for (Index g = groups.size(part); g > 0; --g, i = groups.next(i)) {
    panels.read(ket, i, k.data());
    panels.read(bra, i, b.data());
    for (Index e = 0; e < sums.size(); ++e) {
      store(mul_conj_add(load(k[e / size]), load(b[e % size]), load(sums[e])), sums[e]);
    }
    undo(k.data(), ket, i);
    undo(b.data(), bra, i);
  }
  for (Index e = 0; e < sums.size(); ++e) {
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      if (panels.acts(lane)) transition[e] += Complex(sums[e].re[lane], sums[e].im[lane]);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
