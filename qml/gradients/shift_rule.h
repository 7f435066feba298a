#pragma once

#include <vector>

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

}  // namespace qml
