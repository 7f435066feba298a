#pragma once

#include <complex>

#include "qsim/core/types.h"

namespace qsim {

// The product of finite numbers: that of std::complex looks for infinities first, which takes
// several times as long.
constexpr Complex times(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

// A number in the precision of a state.
template <class T>
constexpr std::complex<T> narrow(Complex value) {
  return {static_cast<T>(value.real()), static_cast<T>(value.imag())};
}

}  // namespace qsim
