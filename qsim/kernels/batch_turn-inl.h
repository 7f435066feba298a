// Turns of single qubits with the monomial before them, and their backward transitions, on a block
// of samples.

#if defined(KETGRAD_BATCH_TURN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_BATCH_TURN_INL_H_
#undef KETGRAD_BATCH_TURN_INL_H_
#else
#define KETGRAD_BATCH_TURN_INL_H_
#endif

#include "qsim/kernels/complex-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// Part of row i: `state` already points at the part's first sample.
template <class T>
HWY_INLINE CVec<T> load_row(const T* state, Index i) {
  const Tag<T> d;
  return {hn::Load(d, state + i * kRow<T>), hn::Load(d, state + i * kRow<T> + kBlock<T>)};
}

template <class T>
HWY_INLINE void store_row(const CVec<T>& v, T* state, Index i) {
  const Tag<T> d;
  hn::Store(v.re, d, state + i * kRow<T>);
  hn::Store(v.im, d, state + i * kRow<T> + kBlock<T>);
}

// Registers to a row: kernels run over all rows once for each.
template <class T>
inline constexpr Index kParts = kBlock<T> / kLanes<T>;

// Rows that a pass over K qubits handles together.
template <int K>
inline constexpr Index kGroup = Index{1} << K;

// The rows of a pass over K qubits: for each base row (zero at all K targets) the 2^K rows of a
// group.
template <int K>
class RowGroups {
 public:
  static constexpr Index kSize = kGroup<K>;

  template <class TargetOf>
  RowGroups(int n_qubits, const TargetOf& target) : count_(bit(n_qubits - K)) {
    for (int k = 0; k < K; ++k) fixed_ |= bit(target(k));
    for (Index j = 0; j < kSize; ++j) {
      for (int k = 0; k < K; ++k) {
        if (has_bit(j, k)) offset[j] |= bit(target(k));
      }
    }
  }
  [[nodiscard]] Index count() const { return count_; }
  [[nodiscard]] Index next(Index base) const { return ((base | fixed_) + 1) & ~fixed_; }

  Index offset[kSize] = {};

 private:
  Index fixed_ = 0;
  Index count_;
};

// K turns held in registers.
template <class T, int K>
struct TurnVecs {
  Vec<T> c[kGroup<K>];  // K of them are in use
  Vec<T> s[kGroup<K>];

  HWY_INLINE void load(const Turn<T>* turns, Index part, bool invert) {
    const Tag<T> d;
    KETGRAD_UNROLL
    for (std::size_t k = 0; k < std::size_t{K}; ++k) {
      c[k] = hn::Load(d, turns[k].c + part * kLanes<T>);
      s[k] = hn::Load(d, turns[k].s + part * kLanes<T>);
      if (invert) s[k] = hn::Neg(s[k]);
    }
  }
  HWY_INLINE void apply(CVec<T> (&a)[kGroup<K>]) const {
    KETGRAD_UNROLL
    for (int k = 0; k < K; ++k) {
      KETGRAD_UNROLL
      for (Index pair = 0; pair < kGroup<K> / 2; ++pair) {
        const Index j = insert_zero_bit(pair, k);
        CVec<T>& a0 = a[j];
        CVec<T>& a1 = a[j | bit(k)];
        const CVec<T> b0{hn::NegMulAdd(s[k], a1.re, hn::Mul(c[k], a0.re)),
                         hn::NegMulAdd(s[k], a1.im, hn::Mul(c[k], a0.im))};
        a1 = {hn::MulAdd(s[k], a0.re, hn::Mul(c[k], a1.re)),
              hn::MulAdd(s[k], a0.im, hn::Mul(c[k], a1.im))};
        a0 = b0;
      }
    }
  }
};

enum class PassKind { kInPlace, kMove, kMoveAndPhase };

template <class T>
HWY_INLINE CVec<T> times_phase(const CVec<T>& v, std::complex<T> phase) {
  return mul(broadcast(phase), v);
}

template <class T, int K, PassKind kKind>
void turn_pass(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
               const Turn<T>* turns) {
  const RowGroups<K> rows(n_qubits, [&](int k) { return turns[k].target; });
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* from = in + part * kLanes<T>;
    T* to = out + part * kLanes<T>;
    TurnVecs<T, K> turn;
    turn.load(turns, part, false);
    Index base = 0;
    for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
      CVec<T> a[kGroup<K>];
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        const Index i = base | rows.offset[j];
        a[j] = load_row(from, kKind == PassKind::kInPlace ? i : monomial.source[i]);
        if (kKind == PassKind::kMoveAndPhase) a[j] = times_phase(a[j], monomial.phase[i]);
      }
      turn.apply(a);
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) store_row(a[j], to, base | rows.offset[j]);
    }
  }
}

// Im(conj(b) k) and its like, added to a sum.
template <class T>
HWY_INLINE Vec<T> add_imaginary(const CVec<T>& k, const CVec<T>& b, const Vec<T>& sum) {
  return hn::NegMulAdd(k.re, b.im, hn::MulAdd(k.im, b.re, sum));
}

// Sums of a transition on one qubit, in registers.
template <class T>
struct BlochVecs {
  Vec<T> x;
  Vec<T> y;
  Vec<T> z;

  HWY_INLINE void clear() { x = y = z = hn::Zero(Tag<T>()); }
  HWY_INLINE void add_xy(const CVec<T>& k0, const CVec<T>& k1, const CVec<T>& b0,
                         const CVec<T>& b1) {
    x = add_imaginary<T>(k1, b0, add_imaginary<T>(k0, b1, x));
    y = hn::MulAdd(k0.im, b1.im, hn::MulAdd(k0.re, b1.re, y));
    y = hn::NegMulAdd(k1.im, b0.im, hn::NegMulAdd(k1.re, b0.re, y));
  }
  HWY_INLINE void add_z(const CVec<T>& k0, const CVec<T>& k1, const CVec<T>& b0,
                        const CVec<T>& b1) {
    z = add_imaginary<T>(k0, b0, z);
    z = hn::MulAdd(k1.re, b1.im, hn::NegMulAdd(k1.im, b1.re, z));
  }
  HWY_INLINE void add(const BlochVecs& other) {
    x = hn::Add(x, other.x);
    y = hn::Add(y, other.y);
    z = hn::Add(z, other.z);
  }
  HWY_INLINE void store(BlochRow<T>& out, Index part, bool with_z) const {
    const Tag<T> d;
    hn::Store(x, d, out.x + part * kLanes<T>);
    hn::Store(y, d, out.y + part * kLanes<T>);
    if (with_z) hn::Store(z, d, out.z + part * kLanes<T>);
  }
};

template <class T, int K, bool kWithZ>
void transition_pass(const T* ket, const T* bra, int n_qubits, const Qubit* targets,
                     BlochRow<T>* out) {
  const RowGroups<K> rows(n_qubits, [&](int k) { return targets[k]; });
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* kets = ket + part * kLanes<T>;
    const T* bras = bra + part * kLanes<T>;
    // A sum for each pair of rows, so that no chain of additions holds up the next group.
    BlochVecs<T> sums[kGroup<K> / 2][kGroup<K - 1>];  // K of them are in use
    KETGRAD_UNROLL
    for (auto& of_qubit : sums) {
      KETGRAD_UNROLL
      for (BlochVecs<T>& sum : of_qubit) sum.clear();
    }
    Index base = 0;
    for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
      CVec<T> k[kGroup<K>];
      CVec<T> b[kGroup<K>];
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        k[j] = load_row(kets, base | rows.offset[j]);
        b[j] = load_row(bras, base | rows.offset[j]);
      }
      KETGRAD_UNROLL
      for (int q = 0; q < K; ++q) {
        KETGRAD_UNROLL
        for (Index pair = 0; pair < kGroup<K - 1>; ++pair) {
          const Index j = insert_zero_bit(pair, q);
          const Index i = j | bit(q);
          sums[q][pair].add_xy(k[j], k[i], b[j], b[i]);
          if (kWithZ) sums[q][pair].add_z(k[j], k[i], b[j], b[i]);
        }
      }
    }
    KETGRAD_UNROLL
    for (int q = 0; q < K; ++q) {
      KETGRAD_UNROLL
      for (Index pair = 1; pair < kGroup<K - 1>; ++pair) sums[q][0].add(sums[q][pair]);
      sums[q][0].store(out[q], part, kWithZ);
    }
  }
}

// Splits rows in pairs: differences are summed, sums take the place of the rows. Applied again and
// again, that gives Σ_i ±t_i for the sign of every bit of i in two additions a row altogether.
template <class T>
HWY_INLINE Vec<T> fold_pairs(T* rows, Index count) {
  const Tag<T> d;
  auto differences = hn::Zero(d);
  for (Index j = 0; j < count / 2; ++j) {
    const auto even = hn::Load(d, rows + 2 * j * kBlock<T>);
    const auto odd = hn::Load(d, rows + (2 * j + 1) * kBlock<T>);
    differences = hn::Add(differences, hn::Sub(even, odd));
    hn::Store(hn::Add(even, odd), d, rows + j * kBlock<T>);
  }
  return differences;
}

// The z of every target: all are signed sums of Im(conj(bra_i) ket_i).
template <class T>
void transition_z(const T* ket, const T* bra, int n_qubits, std::span<const Qubit> targets,
                  T* scratch, BlochRow<T>* out) {
  constexpr Index kFour = 4;
  const Tag<T> d;
  for (Index part = 0; part < kParts<T>; ++part) {
    const Index shift = part * kLanes<T>;
    Vec<T> z[2] = {hn::Zero(d), hn::Zero(d)};  // of the lowest two qubits
    for (Index i = 0; i < bit(n_qubits); i += kFour) {
      Vec<T> t[kFour];
      KETGRAD_UNROLL
      for (Index j = 0; j < kFour; ++j) {
        t[j] = add_imaginary<T>(load_row(ket + shift, i + j), load_row(bra + shift, i + j),
                                hn::Zero(d));
      }
      const auto low = hn::Add(t[0], t[1]);
      const auto high = hn::Add(t[2], t[3]);
      z[0] = hn::Add(z[0], hn::Add(hn::Sub(t[0], t[1]), hn::Sub(t[2], t[3])));
      z[1] = hn::Add(z[1], hn::Sub(low, high));
      hn::Store(hn::Add(low, high), d, scratch + i / kFour * kBlock<T> + shift);
    }
    const auto write = [&](Qubit q, const Vec<T>& value) KETGRAD_LOOP_BODY {
      for (std::size_t k = 0; k < targets.size(); ++k) {
        if (targets[k] == q) hn::Store(value, d, out[k].z + shift);
      }
    };
    write(0, z[0]);
    write(1, z[1]);
    for (Qubit q = 2; q < n_qubits; ++q) {
      write(q, fold_pairs(scratch + shift, bit(n_qubits - q)));
    }
  }
}

template <class T, bool kWithZ>
void transition_passes(const T* ket, const T* bra, int n_qubits, std::span<const Qubit> targets,
                       BlochRow<T>* out) {
  std::size_t k = 0;
  for (; k + 1 < targets.size(); k += 2) {
    transition_pass<T, 2, kWithZ>(ket, bra, n_qubits, targets.data() + k, out + k);
  }
  if (k < targets.size()) {
    transition_pass<T, 1, kWithZ>(ket, bra, n_qubits, targets.data() + k, out + k);
  }
}

template <class T>
void batch_transition(const T* ket, const T* bra, int n_qubits, std::span<const Qubit> targets,
                      T* scratch, BlochRow<T>* out) {
  constexpr std::size_t kWorthPass = 3;  // targets from which a pass of its own for z pays
  if (targets.size() < kWorthPass) {
    return transition_passes<T, true>(ket, bra, n_qubits, targets, out);
  }
  transition_passes<T, false>(ket, bra, n_qubits, targets, out);
  transition_z(ket, bra, n_qubits, targets, scratch, out);
}

template <class T, int K, PassKind kKind>
void unturn_pass(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
                 const Turn<T>* turns) {
  const RowGroups<K> rows(n_qubits, [&](int k) { return turns[k].target; });
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* from = in + part * kLanes<T>;
    T* to = out + part * kLanes<T>;
    TurnVecs<T, K> turn;
    turn.load(turns, part, true);
    Index base = 0;
    for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
      CVec<T> a[kGroup<K>];
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) a[j] = load_row(from, base | rows.offset[j]);
      turn.apply(a);
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        const Index i = base | rows.offset[j];
        if (kKind == PassKind::kMoveAndPhase) {
          a[j] = times_phase(a[j], std::conj(monomial.phase[i]));
        }
        store_row(a[j], to, kKind == PassKind::kInPlace ? i : monomial.source[i]);
      }
    }
  }
}

// The number of turns that the next of the passes left takes.
inline std::size_t share(std::size_t left, std::size_t most) {
  const std::size_t passes = (left + most - 1) / most;
  return passes == 0 ? 0 : (left + passes - 1) / passes;
}

template <class T, PassKind kKind, bool kBack>
void turn_some(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
               std::span<const Turn<T>> turns) {
  const auto pass = [&]<int K>() {
    if constexpr (kBack) {
      unturn_pass<T, K, kKind>(in, out, n_qubits, monomial, turns.data());
    } else {
      turn_pass<T, K, kKind>(in, out, n_qubits, monomial, turns.data());
    }
  };
  switch (turns.size()) {
    case 0:
      return pass.template operator()<0>();
    case 1:
      return pass.template operator()<1>();
    case 2:
      return pass.template operator()<2>();
    default:
      return pass.template operator()<3>();
  }
}

// The pass that moves rows between the states.
template <class T, bool kBack>
void turn_and_move(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
                   std::span<const Turn<T>> turns) {
  if (monomial.phase != nullptr) {
    turn_some<T, PassKind::kMoveAndPhase, kBack>(in, out, n_qubits, monomial, turns);
  } else {
    turn_some<T, PassKind::kMove, kBack>(in, out, n_qubits, monomial, turns);
  }
}

inline constexpr std::size_t kTurnsAPass = 3;  // eight rows and their turns fill the registers

template <class T>
void turn(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
          std::span<const Turn<T>> turns) {
  std::size_t n = share(turns.size(), kTurnsAPass);
  turn_and_move<T, false>(in, out, n_qubits, monomial, turns.first(n));
  while (turns = turns.subspan(n), !turns.empty()) {
    n = share(turns.size(), kTurnsAPass);
    turn_some<T, PassKind::kInPlace, false>(out, out, n_qubits, monomial, turns.first(n));
  }
}

template <class T>
void unturn(T* in, T* out, int n_qubits, const Monomial<T>& monomial,
            std::span<const Turn<T>> turns) {
  std::size_t n = share(turns.size(), kTurnsAPass);
  for (; turns.size() > n; n = share(turns.size(), kTurnsAPass)) {
    turn_some<T, PassKind::kInPlace, true>(in, in, n_qubits, monomial, turns.first(n));
    turns = turns.subspan(n);
  }
  turn_and_move<T, true>(in, out, n_qubits, monomial, turns);
}

template <class T>
void batch_diagonal_transition(const T* ket, const T* bra, int n_qubits, T* out) {
  const Tag<T> d;
  for (Index i = 0; i < bit(n_qubits); ++i) {
    for (Index part = 0; part < kParts<T>; ++part) {
      const CVec<T> k = load_row(ket + part * kLanes<T>, i);
      const CVec<T> b = load_row(bra + part * kLanes<T>, i);
      hn::Store(hn::NegMulAdd(k.re, b.im, hn::Mul(k.im, b.re)), d,
                out + i * kBlock<T> + part * kLanes<T>);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
