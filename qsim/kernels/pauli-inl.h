// Everything that acts with a Pauli string: rotations and their transition, inner products, sums.

#if defined(KETGRAD_PAULI_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KETGRAD_PAULI_INL_H_
#undef KETGRAD_PAULI_INL_H_
#else
#define KETGRAD_PAULI_INL_H_
#endif

#include "qsim/kernels/complex-inl.h"

HWY_BEFORE_NAMESPACE();
namespace qsim {
namespace HWY_NAMESPACE {

// (P a)_i = phase · (−1)^parity((i^x)&z) · a_{i^x} with phase = i^popcount(x&z). The masks split at
// the lane bits: the high part of x moves whole vectors, its low part permutes lanes; the high part
// of z flips the sign of whole vectors, its low part that of lanes. Signs are 0 in lanes where a
// control below the lane bits fails.
template <class T>
class PauliAction {
 public:
  PauliAction(PauliString pauli, ControlMask controls)
      : phase(power_of_i(std::popcount(pauli.x & pauli.z))),
        x_high(pauli.x & ~kLow),
        z_high_(pauli.z & ~kLow),
        permutes_((pauli.x & kLow) != 0),
        permute_(pauli.x & kLow) {
    const ControlMask low_controls{controls.mask & kLow, controls.value & kLow};
    alignas(64) T plus[kLanes<T>];
    alignas(64) T minus[kLanes<T>];
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      const bool negative = parity((lane ^ pauli.x) & pauli.z & kLow);
      plus[lane] = low_controls.holds(lane) ? T(negative ? -1 : 1) : T(0);
      minus[lane] = -plus[lane];
    }
    const Tag<T> d;
    plus_ = hn::Load(d, plus);
    minus_ = hn::Load(d, minus);
  }

  // Vector i of P·state, less the phase, from vector i ^ x_high of the state.
  HWY_INLINE CVec<T> operator()(const CVec<T>& partner, Index i) const {
    const Vec<T> sign = parity((i ^ x_high) & z_high_) ? minus_ : plus_;
    return scale<T>(sign, permutes_ ? permute_(partner) : partner);
  }

  // The top bit of x_high, on which pairs of vectors are enumerated; 0 if vectors stay in place.
  [[nodiscard]] Index pivot() const { return std::bit_floor(x_high); }

  Complex phase;
  Index x_high;

 private:
  static constexpr Index kLow = kLanes<T> - 1;
  Index z_high_;
  bool permutes_;
  LaneXor<T> permute_;
  Vec<T> plus_ = hn::Zero(Tag<T>());
  Vec<T> minus_ = hn::Zero(Tag<T>());
};

// α + βP where the controls hold, the identity elsewhere.
template <class T>
class PauliRotation {
 public:
  PauliRotation(const PauliAction<T>& action, ControlMask controls, std::complex<T> alpha,
                std::complex<T> beta) {
    const Index low = kLanes<T> - 1;
    const ControlMask low_controls{controls.mask & low, controls.value & low};
    Lanes<T> lanes;
    for (Index lane = 0; lane < kLanes<T>; ++lane) {
      lanes.set(lane, low_controls.holds(lane) ? alpha : std::complex<T>(1));
    }
    alpha_ = load(lanes);
    const Complex b = Complex(beta) * action.phase;
    beta_ = broadcast(std::complex<T>(static_cast<T>(b.real()), static_cast<T>(b.imag())));
  }
  HWY_INLINE CVec<T> operator()(const CVec<T>& v, const CVec<T>& pauli_v) const {
    return mul_add(alpha_, v, mul(beta_, pauli_v));
  }

 private:
  CVec<T> alpha_ = zero<T>();
  CVec<T> beta_ = zero<T>();
};

template <class T>
void rotation(T* state, const Site& site, PauliString pauli, std::complex<T> alpha,
              std::complex<T> beta, Part part) {
  const PauliAction<T> action(pauli, site.controls);
  const PauliRotation<T> rotate(action, site.controls, alpha, beta);
  const Groups groups(site.n_qubits, kLaneBits<T>, action.pivot(), site.controls);
  if (action.x_high == 0) {
    for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
      const CVec<T> v = load(state, i);
      store(rotate(v, action(v, i)), state, i);
    });
    return;
  }
  for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
    const Index k = i ^ action.x_high;
    const CVec<T> a = load(state, i);
    const CVec<T> b = load(state, k);
    store(rotate(a, action(b, i)), state, i);
    store(rotate(b, action(a, k)), state, k);
  });
}

template <class T>
void rotation_transition(T* ket, T* bra, const Site& site, PauliString pauli, std::complex<T> alpha,
                         std::complex<T> beta, Complex* transition, Part part) {
  const PauliAction<T> action(pauli, site.controls);
  const PauliRotation<T> rotate(action, site.controls, alpha, beta);
  const Groups groups(site.n_qubits, kLaneBits<T>, action.pivot(), site.controls);
  CVec<T> sum = zero<T>();
  if (action.x_high == 0) {
    for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
      const CVec<T> k = load(ket, i);
      const CVec<T> b = load(bra, i);
      const CVec<T> pk = action(k, i);
      sum = mul_conj_add(pk, b, sum);
      store(rotate(k, pk), ket, i);
      store(rotate(b, action(b, i)), bra, i);
    });
  } else {
    for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
      const Index j = i ^ action.x_high;
      const CVec<T> ki = load(ket, i);
      const CVec<T> kj = load(ket, j);
      const CVec<T> bi = load(bra, i);
      const CVec<T> bj = load(bra, j);
      const CVec<T> pki = action(kj, i);
      const CVec<T> pkj = action(ki, j);
      sum = mul_conj_add(pki, bi, sum);
      sum = mul_conj_add(pkj, bj, sum);
      store(rotate(ki, pki), ket, i);
      store(rotate(kj, pkj), ket, j);
      store(rotate(bi, action(bj, i)), bra, i);
      store(rotate(bj, action(bi, j)), bra, j);
    });
  }
  *transition += action.phase * sum_lanes(sum);
}

template <class T>
Complex inner(const T* a, const T* b, int n_qubits, PauliString pauli, Part part) {
  const PauliAction<T> action(pauli, {});
  const Groups groups(n_qubits, kLaneBits<T>, 0, {});
  CVec<T> sum = zero<T>();
  for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
    sum = mul_conj_add(action(load(b, i ^ action.x_high), i), load(a, i), sum);
  });
  return action.phase * sum_lanes(sum);
}

template <class T>
void accumulate(T* out, const T* in, int n_qubits, PauliString pauli, std::complex<T> c,
                Part part) {
  const PauliAction<T> action(pauli, {});
  const Complex factor = Complex(c) * action.phase;
  const CVec<T> coefficient =
      broadcast(std::complex<T>(static_cast<T>(factor.real()), static_cast<T>(factor.imag())));
  const Groups groups(n_qubits, kLaneBits<T>, 0, {});
  for_groups(groups, part, [&](Index i) KETGRAD_LOOP_BODY {
    const CVec<T> v = action(load(in, i ^ action.x_high), i);
    store(mul_add(coefficient, v, load(out, i)), out, i);
  });
}

template <class T>
void scale_state(T* state, int n_qubits, T factor, Part part) {
  const Vec<T> f = hn::Set(Tag<T>(), factor);
  const Groups groups(n_qubits, kLaneBits<T>, 0, {});
  for_groups(groups, part,
             [&](Index i) KETGRAD_LOOP_BODY { store(scale<T>(f, load(state, i)), state, i); });
}

}  // namespace HWY_NAMESPACE
}  // namespace qsim
HWY_AFTER_NAMESPACE();

#endif
