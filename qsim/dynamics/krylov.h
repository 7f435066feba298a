#pragma once

#include <cstddef>

#include "qsim/core/pauli.h"
#include "qsim/state/state.h"

namespace qsim {

// ψ ← exp(−iHt) ψ by Lanczos (Park and Light 1986, doi:10.1063/1.451548): in the space of ψ, Hψ,
// H²ψ, … H is a small tridiagonal matrix T, whose exponential is known. The error of a step τ is at
// most β ∫₀^τ |exp(−isT)_{m1}| ds, β leading out of the space (the residual, integrated;
// Hochbruck and Lubich 1997, doi:10.1137/S0036142995280572): the space grows until that is small
// enough for all of the time that is left, or has `dimension` dimensions, and then the time is cut
// into steps. Returns the number of products with H. The sum has terms, and all is checked.
template <class T>
std::size_t krylov_evolve(const PauliSum& hamiltonian, double time, double tolerance, int dimension,
                          State<T>& state);

}  // namespace qsim
