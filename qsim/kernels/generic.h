#pragma once

#include <vector>

#include "qsim/kernels/groups.h"

// Dense steps on four and more qubits of small states, one amplitude at a time: gather 2^k,
// multiply, scatter.

namespace qsim {

template <class T>
class GatheredState {
 public:
  GatheredState(T* state, std::span<const Qubit> targets)
      : state_(state),
        offsets_(bit(static_cast<int>(targets.size()))),
        re(offsets_.size()),
        im(offsets_.size()) {
    for (Index j = 0; j < offsets_.size(); ++j) offsets_[j] = scatter_bits(j, targets);
  }

  void gather(Index base) {
    for (std::size_t j = 0; j < offsets_.size(); ++j) {
      const std::size_t at = real_offset<T>(base | offsets_[j]);
      re[j] = state_[at];
      im[j] = state_[at + kBlock<T>];
    }
  }

  // state ← matrix · gathered.
  void scatter(Index base, const std::complex<T>* matrix) {
    const std::size_t size = offsets_.size();
    for (std::size_t r = 0; r < size; ++r) {
      T sum_re = 0;
      T sum_im = 0;
      for (std::size_t c = 0; c < size; ++c) {
        const std::complex<T> m = matrix[r * size + c];
        sum_re += m.real() * re[c] - m.imag() * im[c];
        sum_im += m.real() * im[c] + m.imag() * re[c];
      }
      const std::size_t at = real_offset<T>(base | offsets_[r]);
      state_[at] = sum_re;
      state_[at + kBlock<T>] = sum_im;
    }
  }

  [[nodiscard]] std::size_t size() const { return offsets_.size(); }

 private:
  T* state_;
  std::vector<Index> offsets_;

 public:
  std::vector<T> re;
  std::vector<T> im;
};

template <class T>
void generic_dense(T* state, const Site& site, const std::complex<T>* matrix, Part part) {
  const Groups groups(site.n_qubits, 0, mask_of(site.targets), site.controls);
  GatheredState<T> gathered(state, site.targets);
  Index base = groups.start(part);
  for (Index g = groups.size(part); g > 0; --g, base = groups.next(base)) {
    gathered.gather(base);
    gathered.scatter(base, matrix);
  }
}

template <class T>
void generic_dense_transition(T* ket, T* bra, const Site& site, const std::complex<T>* inverse,
                              Complex* transition, Part part) {
  const Groups groups(site.n_qubits, 0, mask_of(site.targets), site.controls);
  GatheredState<T> k(ket, site.targets);
  GatheredState<T> b(bra, site.targets);
  const std::size_t size = k.size();
  Index base = groups.start(part);
  for (Index g = groups.size(part); g > 0; --g, base = groups.next(base)) {
    k.gather(base);
    b.gather(base);
    for (std::size_t r = 0; r < size; ++r) {
      for (std::size_t c = 0; c < size; ++c) {
        transition[r * size + c] +=
            Complex(k.re[r] * b.re[c] + k.im[r] * b.im[c], k.im[r] * b.re[c] - k.re[r] * b.im[c]);
      }
    }
    k.scatter(base, inverse);
    b.scatter(base, inverse);
  }
}

}  // namespace qsim
