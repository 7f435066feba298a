#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "qsim/core/types.h"

namespace qml {

struct ShiftTerm {
  double coefficient = 0.0;
  double shift = 0.0;
};

// The exact derivative f′(θ) = Σ_μ coefficient_μ · f(θ + shift_μ) of a function whose Fourier
// series has the given positive frequencies (Wierichs et al. 2022, arXiv:2107.12390). One frequency
// gives the two-term rule, {½, 1} the four-term rule of controlled rotations (Anselmetti et al.
// 2021), none an empty sum. Throws ValueError for frequencies that are not positive and ascending.
std::vector<ShiftTerm> shift_rule(const std::vector<double>& frequencies);

// A state as a function of an angle, |ψ(s)⟩ = V exp(−isG)|ψ⟩, is a sum over the m eigenvalues of G.
// Where these are equally spaced by Δ, m states determine it: |ψ(s)⟩ = Σ_j w_j(s) |ψ(s_j)⟩ with
// s_j = 2πj/(mΔ) and w_j(s) = (1/m) Σ_λ exp(−iλ(s − s_j)), which is trigonometric interpolation. A
// Pauli rotation needs one state besides that at s_0 = 0, a controlled one two.
struct ShiftInterpolation {
  std::vector<double> eigenvalues{};  // distinct
  std::vector<double> shifts{};       // s_j
  [[nodiscard]] std::vector<qsim::Complex> weights(double shift) const;
};

// Nothing where the eigenvalues are not equally spaced, or more than `limit`.
std::optional<ShiftInterpolation> shift_interpolation(const std::vector<double>& eigenvalues,
                                                      std::size_t limit);

}  // namespace qml
