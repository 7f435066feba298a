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

// The derivative f′(θ) = Σ_μ coefficient_μ · f(θ + shift_μ) of a function whose Fourier series has
// the given positive frequencies (Wierichs et al. 2022, arXiv:2107.12390). One frequency gives the
// two-term rule, {½, 1} the four-term rule of controlled rotations (Anselmetti et al. 2021), none
// an empty sum. Shifts are chosen such that Σ|coefficient| ≤ 3 ω_max (no rule has less than ω_max),
// however close frequencies are; the rule's own error is below 1e-13 ω_max for each of them. For a
// frequency that is off by δ it is below δ (1 + Σ|coefficient · shift|) ≤ 230 δ. Throws ValueError,
// naming frequencies, where they are not positive and ascending, or no such rule is found, as
// beyond the range of numbers.
std::vector<ShiftTerm> shift_rule(const std::vector<double>& frequencies);

// The same for any frequencies up to the highest, with 48 terms: that of angles with too many.
std::vector<ShiftTerm> band_rule(double highest);

// The most frequencies of one angle that are looked at one by one.
inline constexpr std::size_t kMaxShiftFrequencies = 2000;

// That of expectation values, for the eigenvalues of an angle's generator.
std::vector<ShiftTerm> shift_rule_of(const std::vector<double>& eigenvalues);

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
