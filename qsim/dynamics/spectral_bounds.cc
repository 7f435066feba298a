#include "qsim/dynamics/spectral_bounds.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"

namespace qsim {
namespace {

constexpr int kMostTogether = 4;  // qubits of what is diagonalised

SpectralBounds bounds_of_coefficients(std::span<const PauliTerm> terms) {
  double sum = 0;
  for (const PauliTerm& term : terms) sum += std::abs(term.coefficient);
  return {-sum, sum};
}

// Of terms that act on the same qubits.
SpectralBounds bounds_of_part(std::span<const PauliTerm> terms) {
  const Index support = terms.front().string.support();
  const int n = std::popcount(support);
  if (terms.size() == 1 && n > 0) return bounds_of_coefficients(terms);
  if (n > kMostTogether) return bounds_of_coefficients(terms);
  std::vector<Qubit> qubits;
  for (Index rest = support; rest != 0; rest &= rest - 1) qubits.push_back(std::countr_zero(rest));
  const auto size = static_cast<Eigen::Index>(bit(n));
  Matrix matrix = Matrix::Zero(size, size);
  for (const auto& [c, string] : terms) {
    matrix += c * pauli_matrix({gather_bits(string.x, qubits), gather_bits(string.z, qubits)}, n);
  }
  const Spectrum spectrum = diagonalise(matrix);
  return {spectrum.eigenvalues.front(), spectrum.eigenvalues.back()};
}

}  // namespace

SpectralBounds spectral_bounds(const PauliSum& sum) {
  constexpr double kRounding = 1e-14;
  std::vector<PauliTerm> terms = sum.terms();
  std::ranges::stable_sort(terms, [](const PauliTerm& a, const PauliTerm& b) {
    return a.string.support() < b.string.support();
  });
  SpectralBounds out;
  for (std::size_t first = 0; first < terms.size();) {
    std::size_t last = first + 1;
    while (last < terms.size() && terms[last].string.support() == terms[first].string.support()) {
      ++last;
    }
    count_work(10 * (last - first));
    const SpectralBounds part = bounds_of_part({terms.data() + first, last - first});
    const double margin = kRounding * std::max(std::abs(part.lowest), std::abs(part.highest));
    out.lowest += part.lowest - margin;
    out.highest += part.highest + margin;
    first = last;
  }
  return out;
}

}  // namespace qsim
