#include <algorithm>
#include <array>

#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/execute/execute.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

template <class T>
Site site_of(const Step& step, const State<T>& state) {
  return {state.storage(), step.targets, step.controls};
}

// The permutation kernel moves whole vectors; where lanes would move, the dense kernel does it.
template <class T>
bool moves_lanes(const Step& step) {
  const Index touched = mask_of(step.targets) | step.controls.mask;
  return (touched & (bit(kernels<T>().lane_bits) - 1)) != 0;
}

template <class T>
std::vector<std::complex<T>> permutation_matrix(std::span<const int> source,
                                                std::span<const std::complex<T>> entries) {
  const std::size_t size = entries.size();
  std::vector<std::complex<T>> matrix(size * size);
  for (std::size_t r = 0; r < size; ++r) {
    matrix[r * size + static_cast<std::size_t>(source[r])] = entries[r];
  }
  return matrix;
}

// A step's coefficients inverted: the conjugate transpose, the conjugates, the inverse permutation.
template <class T>
std::vector<std::complex<T>> inverse_coefficients(const Step& step,
                                                  std::span<const std::complex<T>> c) {
  std::vector<std::complex<T>> out(c.begin(), c.end());
  for (auto& value : out) value = std::conj(value);
  if (step.shape == Shape::kDense) {
    const std::size_t size = std::size_t{1} << step.targets.size();
    for (std::size_t row = 0; row < size; ++row) {
      for (std::size_t column = 0; column < row; ++column) {
        std::swap(out[row * size + column], out[column * size + row]);
      }
    }
  } else if (step.shape == Shape::kPermutation) {
    for (std::size_t row = 0; row < out.size(); ++row) {
      out[static_cast<std::size_t>(step.source[row])] = std::conj(c[row]);
    }
  }
  return out;
}

template <class T>
void apply_permutation(const Step& step, std::span<const int> source,
                       std::span<const std::complex<T>> entries, State<T>& state) {
  const KernelTable<T>& k = kernels<T>();
  const Site site = site_of(step, state);
  if (moves_lanes<T>(step)) {
    const auto matrix = permutation_matrix(source, entries);
    return for_parts(state.n_qubits(),
                     [&](Part part) { k.dense(state.data(), site, matrix.data(), part); });
  }
  for_parts(state.n_qubits(), [&](Part part) {
    k.permutation(state.data(), site, source.data(), entries.data(), part);
  });
}

}  // namespace

template <class T>
void apply(const Step& step, std::span<const std::complex<T>> c, State<T>& state) {
  const KernelTable<T>& k = kernels<T>();
  const Site site = site_of(step, state);
  const int n = state.n_qubits();
  switch (step.shape) {
    case Shape::kDense:
      return for_parts(n, [&](Part part) { k.dense(state.data(), site, c.data(), part); });
    case Shape::kDiagonal:
      return for_parts(n, [&](Part part) { k.diagonal(state.data(), site, c.data(), part); });
    case Shape::kPermutation:
      return apply_permutation(step, std::span<const int>(step.source), c, state);
    case Shape::kRotation:
      return for_parts(
          n, [&](Part part) { k.rotation(state.data(), site, step.pauli, c[0], c[1], part); });
  }
  fail<std::logic_error>("unknown step shape");
}

template <class T>
void apply_inverse(const Step& step, std::span<const std::complex<T>> c, State<T>& state) {
  const auto inverse = inverse_coefficients(step, c);
  if (step.shape != Shape::kPermutation) {
    return apply(step, std::span<const std::complex<T>>(inverse), state);
  }
  std::vector<int> source(step.source.size());
  for (std::size_t row = 0; row < source.size(); ++row) {
    source[static_cast<std::size_t>(step.source[row])] = static_cast<int>(row);
  }
  apply_permutation<T>(step, source, inverse, state);
}

template <class T>
std::vector<Complex> apply_inverse_transition(const Step& step, std::span<const std::complex<T>> c,
                                              State<T>& ket, State<T>& bra) {
  require<std::logic_error>(step.shape != Shape::kPermutation, "a permutation has no transition");
  const KernelTable<T>& k = kernels<T>();
  const Site site = site_of(step, ket);
  const auto inverse = inverse_coefficients(step, c);
  const std::size_t size = step.shape == Shape::kRotation ? 1 : c.size();
  const Index count = part_count(ket.n_qubits());
  require_memory(sizeof(Complex) * static_cast<double>(size) * static_cast<double>(count),
                 "the gradient of an operation on many qubits");
  std::vector<Complex> sums(size * count);
  for_parts(ket.n_qubits(), [&](Part part) {
    Complex* sum = sums.data() + part.index * size;
    if (step.shape == Shape::kRotation) {
      k.rotation_transition(ket.data(), bra.data(), site, step.pauli, inverse[0], inverse[1], sum,
                            part);
    } else if (step.shape == Shape::kDiagonal) {
      k.diagonal_transition(ket.data(), bra.data(), site, inverse.data(), sum, part);
    } else {
      k.dense_transition(ket.data(), bra.data(), site, inverse.data(), sum, part);
    }
  });
  for (Index part = 1; part < count; ++part) {
    for (std::size_t e = 0; e < size; ++e) sums[e] += sums[part * size + e];
  }
  sums.resize(size);
  return sums;
}

template void apply(const Step&, std::span<const std::complex<float>>, State<float>&);
template void apply(const Step&, std::span<const std::complex<double>>, State<double>&);
template void apply_inverse(const Step&, std::span<const std::complex<float>>, State<float>&);
template void apply_inverse(const Step&, std::span<const std::complex<double>>, State<double>&);
template std::vector<Complex> apply_inverse_transition(const Step&,
                                                       std::span<const std::complex<float>>,
                                                       State<float>&, State<float>&);
template std::vector<Complex> apply_inverse_transition(const Step&,
                                                       std::span<const std::complex<double>>,
                                                       State<double>&, State<double>&);

}  // namespace qsim
