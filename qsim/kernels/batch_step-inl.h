// Steps on a block of samples whose coefficients may differ between samples.

#if defined(KETGRAD_BATCH_STEP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_BATCH_STEP_INL_H_
#undef KETGRAD_BATCH_STEP_INL_H_
#else
#define KETGRAD_BATCH_STEP_INL_H_
#endif

#include "qsim/kernels/batch_turn-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

inline constexpr std::size_t kMostTargets = 5;

template <class T>
HWY_INLINE CVec<T> conj(const CVec<T>& v) {
  return {v.re, hn::Neg(v.im)};
}

// A 2×2 matrix of rows in registers.
template <class T>
struct Matrix2 {
  CVec<T> e[4];

  HWY_INLINE void load(const T* entries) {
    for (Index k = 0; k < 4; ++k) e[k] = load_row(entries, k);
  }
  HWY_INLINE void invert() {
    const CVec<T> swap = conj<T>(e[1]);
    e[0] = conj<T>(e[0]);
    e[1] = conj<T>(e[2]);
    e[2] = swap;
    e[3] = conj<T>(e[3]);
  }
  HWY_INLINE void apply(CVec<T>& a0, CVec<T>& a1) const {
    const CVec<T> b0 = mul_add(e[1], a1, mul(e[0], a0));
    a1 = mul_add(e[3], a1, mul(e[2], a0));
    a0 = b0;
  }
};

template <class T>
void dense1(T* state, int n_qubits, Qubit target, const T* entries, bool inverse) {
  const RowGroups<1> rows(n_qubits, [&](int) { return target; });
  for (Index part = 0; part < kParts<T>; ++part) {
    T* at = state + part * kLanes<T>;
    Matrix2<T> matrix;
    matrix.load(entries + part * kLanes<T>);
    if (inverse) matrix.invert();
    Index base = 0;
    for (Index g = rows.count(); g > 0; --g, base = rows.next(base)) {
      CVec<T> a0 = load_row(at, base);
      CVec<T> a1 = load_row(at, base | rows.offset[1]);
      matrix.apply(a0, a1);
      store_row(a0, at, base);
      store_row(a1, at, base | rows.offset[1]);
    }
  }
}

// The rows of a group: those that differ in the targets only, where the controls hold.
class TargetGroups {
 public:
  TargetGroups(int n_qubits, std::span<const Qubit> targets, ControlMask controls)
      : fixed_(mask_of(targets) | controls.mask),
        value_(controls.value),
        count_(bit(n_qubits - std::popcount(fixed_))) {}
  [[nodiscard]] Index count() const { return count_; }
  [[nodiscard]] Index first() const { return value_; }
  [[nodiscard]] Index next(Index base) const { return (((base | fixed_) + 1) & ~fixed_) | value_; }

 private:
  Index fixed_;
  Index value_;
  Index count_;
};

template <class T, class Entry>
HWY_INLINE void dense_rows(T* state, int n_qubits, std::span<const Qubit> targets,
                           ControlMask controls, const Entry& entry) {
  constexpr Index kMostRows = Index{1} << kMostTargets;
  const Index size = bit(static_cast<int>(targets.size()));
  Index offset[kMostRows];
  for (Index j = 0; j < size; ++j) offset[j] = scatter_bits(j, targets);
  const TargetGroups groups(n_qubits, targets, controls);
  for (Index part = 0; part < kParts<T>; ++part) {
    T* at = state + part * kLanes<T>;
    Index base = groups.first();
    for (Index g = groups.count(); g > 0; --g, base = groups.next(base)) {
      CVec<T> in[kMostRows];
      for (Index j = 0; j < size; ++j) in[j] = load_row(at, base | offset[j]);
      for (Index r = 0; r < size; ++r) {
        CVec<T> sum = mul(entry(r * size, part), in[0]);
        for (Index c = 1; c < size; ++c) sum = mul_add(entry(r * size + c, part), in[c], sum);
        store_row(sum, at, base | offset[r]);
      }
    }
  }
}

template <class T>
void batch_dense(T* state, int n_qubits, std::span<const Qubit> targets, ControlMask controls,
                 const T* entries) {
  dense_rows(state, n_qubits, targets, controls, [&](Index e, Index part) KETGRAD_LOOP_BODY {
    return load_row(entries + part * kLanes<T>, e);
  });
}

template <class T>
void batch_dense_same(T* state, int n_qubits, std::span<const Qubit> targets, ControlMask controls,
                      const std::complex<T>* entries) {
  dense_rows(state, n_qubits, targets, controls,
             [&](Index e, Index) KETGRAD_LOOP_BODY { return broadcast(entries[e]); });
}

// i^power · v.
template <class T>
HWY_INLINE CVec<T> times_power_of_i(const CVec<T>& v, int power) {
  switch (power & 3) {
    case 0:
      return v;
    case 1:
      return {hn::Neg(v.im), v.re};
    case 2:
      return {hn::Neg(v.re), hn::Neg(v.im)};
    default:
      return {v.im, hn::Neg(v.re)};
  }
}

template <class T>
HWY_INLINE CVec<T> negative(const CVec<T>& v) {
  return {hn::Neg(v.re), hn::Neg(v.im)};
}

// The lowest qubit that a string flips, as a mask; none for a string of Zs.
constexpr Index lowest_flip(PauliString pauli) { return pauli.x & (~pauli.x + 1); }

template <class T>
void batch_rotation(T* state, int n_qubits, PauliString pauli, ControlMask controls, const T* alpha,
                    const T* beta) {
  const Index pair = lowest_flip(pauli);
  const Qubit low[1] = {std::countr_zero(pair)};
  const TargetGroups groups(n_qubits, pair == 0 ? std::span<const Qubit>() : low, controls);
  for (Index part = 0; part < kParts<T>; ++part) {
    T* at = state + part * kLanes<T>;
    const CVec<T> a = load_row(alpha + part * kLanes<T>, 0);
    const CVec<T> b =
        times_power_of_i<T>(load_row(beta + part * kLanes<T>, 0), std::popcount(pauli.x & pauli.z));
    // Row i of P has its entry in column i ^ x, with the sign of that column.
    const CVec<T> signed_b[2] = {b, negative<T>(b)};
    Index i = groups.first();
    for (Index g = groups.count(); g > 0; --g, i = groups.next(i)) {
      const CVec<T> u = load_row(at, i);
      if (pair == 0) {
        const CVec<T>& sb = signed_b[parity(i & pauli.z) ? 1 : 0];
        store_row(mul<T>({hn::Add(a.re, sb.re), hn::Add(a.im, sb.im)}, u), at, i);
        continue;
      }
      const Index j = i ^ pauli.x;
      const CVec<T> v = load_row(at, j);
      store_row(mul_add(signed_b[parity(j & pauli.z) ? 1 : 0], v, mul(a, u)), at, i);
      store_row(mul_add(signed_b[parity(i & pauli.z) ? 1 : 0], u, mul(a, v)), at, j);
    }
  }
}

// factor · m, for the factors that are not constant: c − i s G.
template <class T>
HWY_INLINE void turn_run(typename RunFactor<T>::Kind kind, const Vec<T>& c, const Vec<T>& s,
                         Matrix2<T>& m) {
  using Kind = typename RunFactor<T>::Kind;
  const CVec<T> down{c, hn::Neg(s)};  // exp(−iφ)
  const CVec<T> up{c, s};
  for (int column = 0; column < 2; ++column) {
    CVec<T>& a = m.e[column];
    CVec<T>& b = m.e[2 + column];
    switch (kind) {
      case Kind::kX: {
        const CVec<T> old = a;  // a ← c a − i s b, b ← c b − i s a
        a = {hn::MulAdd(s, b.im, hn::Mul(c, a.re)), hn::NegMulAdd(s, b.re, hn::Mul(c, a.im))};
        b = {hn::MulAdd(s, old.im, hn::Mul(c, b.re)), hn::NegMulAdd(s, old.re, hn::Mul(c, b.im))};
        break;
      }
      case Kind::kY: {
        const CVec<T> old = a;
        a = {hn::NegMulAdd(s, b.re, hn::Mul(c, a.re)), hn::NegMulAdd(s, b.im, hn::Mul(c, a.im))};
        b = {hn::MulAdd(s, old.re, hn::Mul(c, b.re)), hn::MulAdd(s, old.im, hn::Mul(c, b.im))};
        break;
      }
      case Kind::kZ:
        a = mul(down, a);
        b = mul(up, b);
        break;
      case Kind::kProject0:
        a = mul(down, a);
        break;
      case Kind::kProject1:
        b = mul(down, b);
        break;
      default:
        a = mul(down, a);
        b = mul(down, b);
        break;
    }
  }
}

template <class T>
void run_matrix(std::span<const RunFactor<T>> factors, T* entries) {
  const Tag<T> d;
  for (Index part = 0; part < kParts<T>; ++part) {
    Matrix2<T> m;
    m.e[0] = m.e[3] = broadcast(std::complex<T>(1));
    m.e[1] = m.e[2] = zero<T>();
    for (const RunFactor<T>& factor : factors) {
      if (factor.kind != RunFactor<T>::Kind::kMatrix) {
        turn_run<T>(factor.kind, hn::Load(d, factor.c + part * kLanes<T>),
                    hn::Load(d, factor.s + part * kLanes<T>), m);
        continue;
      }
      CVec<T> f[4];
      for (int k = 0; k < 4; ++k) f[k] = broadcast(factor.matrix[k]);
      for (int column = 0; column < 2; ++column) {
        const CVec<T> a = m.e[column];
        const CVec<T> b = m.e[2 + column];
        m.e[column] = mul_add(f[1], b, mul(f[0], a));
        m.e[2 + column] = mul_add(f[3], b, mul(f[2], a));
      }
    }
    for (Index k = 0; k < 4; ++k) store_row(m.e[k], entries + part * kLanes<T>, k);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
