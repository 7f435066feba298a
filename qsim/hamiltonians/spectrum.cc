#include "qsim/hamiltonians/spectrum.h"

#include <algorithm>
#include <utility>

#include "qsim/core/bits.h"

namespace qsim {

Spectrum spectrum_of(const PauliSum& sum) {
  const Matrix matrix = sum.matrix();
  const bool real = std::ranges::none_of(
      sum.terms(), [](const PauliTerm& term) { return parity(term.string.x & term.string.z); });
  if (!real) return diagonalise(matrix);
  const RealSpectrum spectrum = diagonalise(Eigen::MatrixXd(matrix.real()));
  return {{spectrum.eigenvalues.begin(), spectrum.eigenvalues.end()},
          spectrum.eigenvectors.cast<Complex>()};
}

}  // namespace qsim
