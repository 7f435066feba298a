#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "qsim/kernels/kernels.h"
#include "qsim/state/parts.h"
#include "qsim/state/state.h"

// States as vectors of numbers that need no norm, part by part.

namespace qsim {

// The elements of the buffer that belong to a part.
template <class T>
std::pair<std::size_t, std::size_t> buffer_range(const State<T>& state, Part part) {
  const std::size_t size = 2 * bit(state.storage()) / part.count;
  return {part.index * size, (part.index + 1) * size};
}

// out ← factor · in, which may be the same.
template <class T>
void set_scaled(const State<T>& in, double factor, State<T>& out) {
  for_parts(in.n_qubits(), [&](Part part) {
    const auto [first, last] = buffer_range(in, part);
    const T* const from = in.data();
    T* const to = out.data();
    for (std::size_t i = first; i < last; ++i) to[i] = static_cast<T>(factor) * from[i];
  });
}

// Re⟨a|b⟩.
template <class T>
double real_inner(const State<T>& a, const State<T>& b) {
  return sum_parts<Complex>(a.n_qubits(),
                            [&](Part part) {
                              return kernels<T>().inner(a.data(), b.data(), a.storage(), {}, part);
                            })
      .real();
}

// out ← out + factor · in; returns ‖out‖².
template <class T>
double add_scaled(const State<T>& in, double factor, State<T>& out) {
  return sum_parts<Complex>(in.n_qubits(),
                            [&](Part part) {
                              kernels<T>().accumulate(out.data(), in.data(), in.storage(), {},
                                                      static_cast<T>(factor), part);
                              return kernels<T>().inner(out.data(), out.data(), out.storage(), {},
                                                        part);
                            })
      .real();
}

// out ← Σ_k factors[k] · vectors[k].
template <class T>
void set_combination(std::span<const State<T>> vectors, std::span<const Complex> factors,
                     State<T>& out) {
  for_parts(out.n_qubits(), [&](Part part) {
    const auto [first, last] = buffer_range(out, part);
    for (std::size_t i = first; i < last; ++i) out.data()[i] = 0;
    for (std::size_t k = 0; k < factors.size(); ++k) {
      kernels<T>().accumulate(out.data(), vectors[k].data(), out.storage(), {},
                              std::complex<T>(factors[k]), part);
    }
  });
}

}  // namespace qsim
