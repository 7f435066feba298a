#pragma once

#include <complex>
#include <span>
#include <vector>

#include "qsim/compile/program.h"
#include "qsim/kernels/kernels.h"

// One step and its kernels, on a state or on a tile of one.

namespace qsim {

// A step's numbers as its kernels take them.
template <class T>
struct StepNumbers {
  std::vector<std::complex<T>> entries{};
  std::vector<int> source{};  // of a permutation
};

template <class T>
StepNumbers<T> numbers_of(const Step& step, std::span<const std::complex<T>> coefficients);

// Those of the inverse.
template <class T>
StepNumbers<T> inverse_numbers(const Step& step, std::span<const std::complex<T>> coefficients);

// Where a step acts, and the Pauli string of a rotation there.
struct StepPlace {
  Site site{};
  PauliString pauli{};
};

template <class T>
void apply(Shape shape, const StepNumbers<T>& numbers, const StepPlace& place, T* state, Part part);

// Adds the transition of the states as they are and applies the numbers, those of the inverse, to
// both (kernels.h). Not of a permutation, which has no slots.
template <class T>
void apply_transition(Shape shape, const StepNumbers<T>& inverse, const StepPlace& place, T* ket,
                      T* bra, Complex* transition, Part part);

// How many entries the transition has.
std::size_t transition_size(const Step& step);

}  // namespace qsim
