#pragma once

#include <bit>
#include <cstddef>

#include "qsim/core/types.h"

// How amplitudes lie in memory. They are kept in blocks of one cache line of real parts followed by
// one of imaginary parts: in double precision
//
//   re0 … re7  im0 … im7  re8 … re15  im8 … im15  …
//
// so that a vector register holds real or imaginary parts only and complex arithmetic needs no
// shuffles, whatever its width. States smaller than a block are padded with zero amplitudes, which
// every linear operation on existing qubits keeps zero.

namespace qsim {

template <class T>
inline constexpr Index kBlock = 64 / sizeof(T);

template <class T>
inline constexpr int kBlockBits = std::countr_zero(kBlock<T>);

// Where the real part of amplitude i is; its imaginary part is kBlock<T> further on.
template <class T>
constexpr std::size_t real_offset(Index i) {
  return i + (i & ~(kBlock<T> - 1));
}

// The number of qubits in storage, with padding.
template <class T>
constexpr int storage_qubits(int n_qubits) {
  return n_qubits < kBlockBits<T> ? kBlockBits<T> : n_qubits;
}

}  // namespace qsim
