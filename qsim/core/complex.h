#pragma once

#include "qsim/core/types.h"

namespace qsim {

// The product of finite numbers: that of std::complex looks for infinities first, which takes
// several times as long.
constexpr Complex times(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

}  // namespace qsim
