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

// v·conj(phase).
template <class T>
HWY_INLINE CVec<T> times_conj(const CVec<T>& v, const CVec<T>& phase) {
  return {hn::MulAdd(v.im, phase.im, hn::Mul(v.re, phase.re)),
          hn::NegMulAdd(v.re, phase.im, hn::Mul(v.im, phase.re))};
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

// The turns of one pass: every stride-th of the list. Qubits far apart share a pass, so that its
// rows do not all lie at the same place of the cache.
template <class T>
struct TurnList {
  const Turn<T>* first;
  std::size_t count;
  std::size_t stride;

  [[nodiscard]] const Turn<T>& operator[](std::size_t k) const { return first[k * stride]; }
};

// K turns held in registers. They are real: real and imaginary parts take them by themselves.
template <class T, int K>
struct TurnVecs {
  Vec<T> t[kGroup<K>];  // K of them are in use

  HWY_INLINE void load(const TurnList<T>& turns, bool invert) {
    KETGRAD_UNROLL
    for (std::size_t k = 0; k < std::size_t{K}; ++k) {
      t[k] = hn::Set(Tag<T>(), invert ? -turns[k].t : turns[k].t);
    }
  }
  HWY_INLINE void apply(Vec<T> (&a)[kGroup<K>]) const {
    KETGRAD_UNROLL
    for (int k = 0; k < K; ++k) {
      KETGRAD_UNROLL
      for (Index pair = 0; pair < kGroup<K> / 2; ++pair) {
        const Index j = insert_zero_bit(pair, k);
        const Vec<T> a0 = a[j];
        a[j] = hn::NegMulAdd(t[k], a[j | bit(k)], a0);
        a[j | bit(k)] = hn::MulAdd(t[k], a0, a[j | bit(k)]);
      }
    }
  }
};

template <class T, int K, bool kBack>
void turn_in_place(T* state, int n_qubits, const TurnList<T>& turns) {
  const Tag<T> d;
  const RowGroups<K> rows(n_qubits,
                          [&](int k) { return turns[static_cast<std::size_t>(k)].target; });
  TurnVecs<T, K> turn;
  turn.load(turns, kBack);
  for (Index part = 0; part < 2 * kParts<T>; ++part) {  // real parts, then imaginary ones
    T* at = state + part * kLanes<T>;
    Index base = 0;
    for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
      Vec<T> a[kGroup<K>];
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j)
        a[j] = hn::Load(d, at + (base | rows.offset[j]) * kRow<T>);
      turn.apply(a);
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        hn::Store(a[j], d, at + (base | rows.offset[j]) * kRow<T>);
      }
    }
  }
}

// The pass that moves rows between the states: out = turns · monomial · in.
template <class T, int K>
void move_and_turn(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
                   const TurnList<T>& turns) {
  const Tag<T> d;
  const RowGroups<K> rows(n_qubits,
                          [&](int k) { return turns[static_cast<std::size_t>(k)].target; });
  TurnVecs<T, K> turn;
  turn.load(turns, false);
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* from = in + part * kLanes<T>;
    T* to = out + part * kLanes<T>;
    Index base = 0;
    for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
      Vec<T> a[kGroup<K>];
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        const Index i = base | rows.offset[j];
        const std::complex<T> phase = monomial.phase[i];
        const CVec<T> v = load_row(from, monomial.source[i ^ monomial.flip]);
        a[j] =
            hn::NegMulAdd(hn::Set(d, phase.imag()), v.im, hn::Mul(hn::Set(d, phase.real()), v.re));
      }
      turn.apply(a);
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        hn::Store(a[j], d, to + (base | rows.offset[j]) * kRow<T>);
      }
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        const Index i = base | rows.offset[j];
        const std::complex<T> phase = monomial.phase[i];
        const CVec<T> v = load_row(from, monomial.source[i ^ monomial.flip]);
        a[j] = hn::MulAdd(hn::Set(d, phase.imag()), v.re, hn::Mul(hn::Set(d, phase.real()), v.im));
      }
      turn.apply(a);
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        hn::Store(a[j], d, to + (base | rows.offset[j]) * kRow<T> + kBlock<T>);
      }
    }
  }
}

// Its inverse: out = (turns · monomial)† · in.
template <class T, int K>
void turn_and_move_back(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
                        const TurnList<T>& turns) {
  const Tag<T> d;
  const RowGroups<K> rows(n_qubits,
                          [&](int k) { return turns[static_cast<std::size_t>(k)].target; });
  TurnVecs<T, K> turn;
  turn.load(turns, true);
  for (Index part = 0; part < kParts<T>; ++part) {
    const T* from = in + part * kLanes<T>;
    T* to = out + part * kLanes<T>;
    Index base = 0;
    for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
      Vec<T> a[kGroup<K>];
      alignas(64) T real[kGroup<K> * kLanes<T>];
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        a[j] = hn::Load(d, from + (base | rows.offset[j]) * kRow<T>);
      }
      turn.apply(a);
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) hn::Store(a[j], d, real + j * kLanes<T>);
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        a[j] = hn::Load(d, from + (base | rows.offset[j]) * kRow<T> + kBlock<T>);
      }
      turn.apply(a);
      KETGRAD_UNROLL
      for (Index j = 0; j < kGroup<K>; ++j) {
        const Index i = base | rows.offset[j];
        const CVec<T> v{hn::Load(d, real + j * kLanes<T>), a[j]};
        store_row(mul(broadcast(std::conj(monomial.phase[i])), v), to,
                  monomial.source[i ^ monomial.flip]);
      }
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

// A permutation alone, or its inverse.
template <class T, bool kBack>
void move_rows(const T* in, T* out, int n_qubits, const std::uint32_t* source) {
  for (Index i = 0; i < bit(n_qubits); ++i) {
    const T* from = in + (kBack ? i : source[i]) * kRow<T>;
    T* to = out + (kBack ? source[i] : i) * kRow<T>;
    for (Index part = 0; part < kParts<T>; ++part) {
      store_row(load_row(from + part * kLanes<T>, 0), to + part * kLanes<T>, 0);
    }
  }
}

// Calls pass with the number of turns as a constant.
template <class Pass>
HWY_INLINE void with_count(std::size_t count, const Pass& pass) {
  switch (count) {
    case 0:
      return pass.template operator()<0>();
    case 1:
      return pass.template operator()<1>();
    case 2:
      return pass.template operator()<2>();
    case 3:
      return pass.template operator()<3>();
    default:
      return pass.template operator()<4>();
  }
}

// Sixteen rows, their turns and a spare fit the registers where there are 32 of them.
inline constexpr std::size_t kTurnsAPass = HWY_TARGET <= HWY_AVX3 ? 4 : 3;

// The turns split into passes as even as can be.
template <class T>
class TurnPasses {
 public:
  explicit TurnPasses(std::span<const Turn<T>> turns)
      : turns_(turns), count_((turns.size() + kTurnsAPass - 1) / kTurnsAPass) {}
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] TurnList<T> operator[](std::size_t pass) const {
    if (turns_.empty()) return {nullptr, 0, 0};
    return {turns_.data() + pass, (turns_.size() - pass + count_ - 1) / count_, count_};
  }

 private:
  std::span<const Turn<T>> turns_;
  std::size_t count_;
};

template <class T, bool kBack>
void turn_pass(T* state, int n_qubits, const TurnList<T>& turns) {
  with_count(turns.count, [&]<int K>() { turn_in_place<T, K, kBack>(state, n_qubits, turns); });
}

template <class T>
void turn(const T* in, T* out, int n_qubits, const Monomial<T>& monomial,
          std::span<const Turn<T>> turns) {
  if (monomial.phase == nullptr) return move_rows<T, false>(in, out, n_qubits, monomial.source);
  const TurnPasses<T> passes(turns);
  with_count(passes[0].count,
             [&]<int K>() { move_and_turn<T, K>(in, out, n_qubits, monomial, passes[0]); });
  for (std::size_t k = 1; k < passes.count(); ++k) turn_pass<T, false>(out, n_qubits, passes[k]);
}

template <class T>
void unturn(T* in, T* out, int n_qubits, const Monomial<T>& monomial,
            std::span<const Turn<T>> turns) {
  if (monomial.phase == nullptr) return move_rows<T, true>(in, out, n_qubits, monomial.source);
  const TurnPasses<T> passes(turns);
  for (std::size_t k = passes.count(); k-- > 1;) turn_pass<T, true>(in, n_qubits, passes[k]);
  with_count(passes[0].count,
             [&]<int K>() { turn_and_move_back<T, K>(in, out, n_qubits, monomial, passes[0]); });
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
