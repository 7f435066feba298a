#pragma once

#include <complex>
#include <cstddef>
#include <span>

#include "qsim/kernels/kernels.h"
#include "qsim/state/parts.h"
#include "qsim/state/state.h"

// States as vectors of numbers that need no norm; most by stretches of their amplitudes, so that
// one can follow the other while they are in the cache.

namespace qsim {

// out ← factor · in, which may be the same.
template <class T>
void set_scaled(const State<T>& in, double factor, State<T>& out, Stretch stretch) {
  const T* const from = numbers_of(in, stretch);
  T* const to = numbers_of(out, stretch);
  for (std::size_t i = 0; i < 2 * bit(stretch.bits); ++i) to[i] = static_cast<T>(factor) * from[i];
}

template <class T>
void set_scaled(const State<T>& in, double factor, State<T>& out) {
  for_parts(in.n_qubits(), [&](Part part) { set_scaled(in, factor, out, stretch_of(in, part)); });
}

// Re⟨a|b⟩.
template <class T>
double real_inner(const State<T>& a, const State<T>& b, Stretch stretch) {
  return kernels<T>()
      .inner(numbers_of(a, stretch), numbers_of(b, stretch), stretch.bits, {}, {})
      .real();
}

// out ← out + factor · in.
template <class T>
void add_scaled(const State<T>& in, Complex factor, State<T>& out, Stretch stretch) {
  kernels<T>().accumulate(numbers_of(out, stretch), numbers_of(in, stretch), stretch.bits, {},
                          std::complex<T>(factor), {});
}

// The same; returns ‖out‖².
template <class T>
double add_scaled(const State<T>& in, double factor, State<T>& out) {
  return sum_parts<double>(in.n_qubits(), [&](Part part) {
    const Stretch stretch = stretch_of(in, part);
    add_scaled(in, factor, out, stretch);
    return real_inner(out, out, stretch);
  });
}

// out ← Σ_k factors[k] · vectors[k].
template <class T>
void set_combination(std::span<const State<T>> vectors, std::span<const Complex> factors,
                     State<T>& out) {
  for_parts(out.n_qubits(), [&](Part part) {
    const Stretch stretch = stretch_of(out, part);
    set_scaled(vectors[0], 0, out, stretch);
    for (std::size_t k = 0; k < factors.size(); ++k) {
      add_scaled(vectors[k], factors[k], out, stretch);
    }
  });
}

}  // namespace qsim
