#include "qsim/library/fourier.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "qsim/circuit/room.h"
#include "qsim/core/error.h"

namespace qsim {

Circuit qft(WholeNumber n_qubits, bool inverse, bool swaps, WholeNumber degree) {
  Circuit out(n_qubits);
  const int n = n_qubits;
  require(degree >= 0, "the degree of an approximate Fourier transform is ", int{degree},
          ", but 0 or more is right");
  const int reach = degree == 0 ? n : std::min(n, int{degree});
  require_operations(static_cast<double>(n) * (reach + 1), "a Fourier transform");
  for (int target = n - 1; target >= 0; --target) {
    out.h(target);
    for (int apart = 1; apart <= target && apart < reach; ++apart) {
      out.cp(std::ldexp(std::numbers::pi, -apart), target - apart, target);
    }
  }
  for (int q = 0; swaps && q < n / 2; ++q) out.swap(q, n - 1 - q);
  return inverse ? out.inverse() : out;
}

}  // namespace qsim
