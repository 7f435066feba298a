#include "qsim/engines/tiles/step.h"

#include <algorithm>

#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/engines/execute.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

// The permutation kernel moves whole vectors; where lanes would move, the dense kernel does it.
template <class T>
bool moves_lanes(const Site& site) {
  const Index touched = mask_of(site.targets) | site.controls.mask;
  return (touched & (bit(kernels<T>().lane_bits) - 1)) != 0;
}

template <class T>
std::vector<std::complex<T>> permutation_matrix(const StepNumbers<T>& numbers) {
  const std::size_t size = numbers.entries.size();
  std::vector<std::complex<T>> matrix(size * size);
  for (std::size_t r = 0; r < size; ++r) {
    matrix[r * size + static_cast<std::size_t>(numbers.source[r])] = numbers.entries[r];
  }
  return matrix;
}

template <class T>
StepPlace place_of(const Step& step, const State<T>& state) {
  return {{state.storage(), step.targets, step.controls}, step.pauli};
}

template <class T>
void apply_to_all(const Step& step, const StepNumbers<T>& numbers, State<T>& state) {
  const StepPlace place = place_of(step, state);
  for_parts(state.n_qubits(),
            [&](Part part) { apply(step.shape, numbers, place, state.data(), part); });
}

}  // namespace

template <class T>
StepNumbers<T> numbers_of(const Step& step, std::span<const std::complex<T>> c) {
  return {{c.begin(), c.end()}, step.source};
}

// The conjugate transpose, the conjugates, the inverse permutation.
template <class T>
StepNumbers<T> inverse_numbers(const Step& step, std::span<const std::complex<T>> c) {
  StepNumbers<T> out = numbers_of(step, c);
  for (auto& value : out.entries) value = std::conj(value);
  if (step.shape == Shape::kDense) {
    const std::size_t size = std::size_t{1} << step.targets.size();
    for (std::size_t row = 0; row < size; ++row) {
      for (std::size_t column = 0; column < row; ++column) {
        std::swap(out.entries[row * size + column], out.entries[column * size + row]);
      }
    }
  } else if (step.shape == Shape::kPermutation) {
    for (std::size_t row = 0; row < step.source.size(); ++row) {
      const auto from = static_cast<std::size_t>(step.source[row]);
      out.entries[from] = std::conj(c[row]);
      out.source[from] = static_cast<int>(row);
    }
  }
  return out;
}

template <class T>
void apply(Shape shape, const StepNumbers<T>& numbers, const StepPlace& place, T* state,
           Part part) {
  const KernelTable<T>& k = kernels<T>();
  const std::complex<T>* c = numbers.entries.data();
  switch (shape) {
    case Shape::kDense:
      return k.dense(state, place.site, c, part);
    case Shape::kDiagonal:
      return k.diagonal(state, place.site, c, part);
    case Shape::kPermutation:
      if (moves_lanes<T>(place.site)) {
        return k.dense(state, place.site, permutation_matrix(numbers).data(), part);
      }
      return k.permutation(state, place.site, numbers.source.data(), c, part);
    case Shape::kRotation:
      return k.rotation(state, place.site, place.pauli, c[0], c[1], part);
  }
  fail<std::logic_error>("unknown step shape");
}

template <class T>
void apply_transition(Shape shape, const StepNumbers<T>& inverse, const StepPlace& place, T* ket,
                      T* bra, Complex* transition, Part part) {
  const KernelTable<T>& k = kernels<T>();
  const std::complex<T>* c = inverse.entries.data();
  switch (shape) {
    case Shape::kDense:
      return k.dense_transition(ket, bra, place.site, c, transition, part);
    case Shape::kDiagonal:
      return k.diagonal_transition(ket, bra, place.site, c, transition, part);
    case Shape::kRotation:
      return k.rotation_transition(ket, bra, place.site, place.pauli, c[0], c[1], transition, part);
    case Shape::kPermutation:
      break;
  }
  fail<std::logic_error>("a permutation has no transition");
}

std::size_t transition_size(const Step& step) {
  return step.shape == Shape::kRotation ? 1 : step.n_coefficients;
}

template <class T>
void apply(const Step& step, std::span<const std::complex<T>> c, State<T>& state) {
  apply_to_all(step, numbers_of(step, c), state);
}

template <class T>
void apply_inverse(const Step& step, std::span<const std::complex<T>> c, State<T>& state) {
  apply_to_all(step, inverse_numbers(step, c), state);
}

template <class T>
std::vector<Complex> apply_inverse_transition(const Step& step, std::span<const std::complex<T>> c,
                                              State<T>& ket, State<T>& bra) {
  const StepPlace place = place_of(step, ket);
  const StepNumbers<T> inverse = inverse_numbers(step, c);
  const std::size_t size = transition_size(step);
  const Index count = part_count(ket.n_qubits());
  require_memory(sizeof(Complex) * static_cast<double>(size) * static_cast<double>(count),
                 "the gradient of an operation on many qubits");
  std::vector<Complex> sums(size * count);
  for_parts(ket.n_qubits(), [&](Part part) {
    apply_transition(step.shape, inverse, place, ket.data(), bra.data(),
                     sums.data() + part.index * size, part);
  });
  for (Index part = 1; part < count; ++part) {
    for (std::size_t e = 0; e < size; ++e) sums[e] += sums[part * size + e];
  }
  sums.resize(size);
  return sums;
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                                     \
  template StepNumbers<T> numbers_of(const Step&, std::span<const std::complex<T>>);               \
  template StepNumbers<T> inverse_numbers(const Step&, std::span<const std::complex<T>>);          \
  template void apply(Shape, const StepNumbers<T>&, const StepPlace&, T*, Part);                   \
  template void apply_transition(Shape, const StepNumbers<T>&, const StepPlace&, T*, T*, Complex*, \
                                 Part);                                                            \
  template void apply(const Step&, std::span<const std::complex<T>>, State<T>&);                   \
  template void apply_inverse(const Step&, std::span<const std::complex<T>>, State<T>&);           \
  template std::vector<Complex> apply_inverse_transition(                                          \
      const Step&, std::span<const std::complex<T>>, State<T>&, State<T>&);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qsim
