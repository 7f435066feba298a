#include "qsim/core/unitary_decompositions.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "qsim/core/abandonable.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"

namespace qsim {

using Eigen::MatrixXcd;
using Eigen::VectorXcd;
using Eigen::VectorXd;

namespace {

// What turns the numbers into real ones that are not negative, as factors.
VectorXcd phases_of(const VectorXcd& numbers) {
  VectorXcd out(numbers.size());
  for (Eigen::Index k = 0; k < numbers.size(); ++k) {
    const double size = std::abs(numbers(k));
    out(k) = size == 0 ? Complex(1) : numbers(k) / size;
  }
  return out;
}

struct OrthogonalColumns {
  MatrixXcd q{};
  MatrixXcd r{};  // its diagonal is real and not negative
};

OrthogonalColumns qr_of(const MatrixXcd& matrix) {
  const Eigen::HouseholderQR<MatrixXcd> qr(matrix);
  OrthogonalColumns out{qr.householderQ(), qr.matrixQR().triangularView<Eigen::Upper>()};
  const VectorXcd phases = phases_of(out.r.diagonal());
  out.q = out.q * phases.asDiagonal();
  out.r = phases.conjugate().asDiagonal() * out.r;
  return out;
}

struct Svd {
  MatrixXcd u{};
  VectorXd values{};  // descending, to rounding of the first
  MatrixXcd v{};
};

double largest(const MatrixXcd& matrix) { return matrix.cwiseAbs().maxCoeff(); }

// Entries below it are rounding: what has structure keeps it, where a decomposition would choose
// any basis of a space of many equal values.
constexpr double kRounding = 1e-14;

// The indices of a Hermitian matrix, in groups between which its entries are rounding.
std::vector<std::vector<Eigen::Index>> blocks_of(const MatrixXcd& hermitian) {
  const double rounding = kRounding * largest(hermitian);
  std::vector<std::vector<Eigen::Index>> blocks;
  std::vector<bool> placed(static_cast<std::size_t>(hermitian.rows()));
  for (Eigen::Index first = 0; first < hermitian.rows(); ++first) {
    if (placed[static_cast<std::size_t>(first)]) continue;
    placed[static_cast<std::size_t>(first)] = true;
    std::vector<Eigen::Index> block{first};
    for (std::size_t at = 0; at < block.size(); ++at) {
      for (Eigen::Index k = first + 1; k < hermitian.rows(); ++k) {
        if (placed[static_cast<std::size_t>(k)]) continue;
        if (std::abs(hermitian(k, block[at])) <= rounding) continue;
        placed[static_cast<std::size_t>(k)] = true;
        block.push_back(k);
      }
    }
    std::ranges::sort(block);
    blocks.push_back(std::move(block));
  }
  return blocks;
}

// The eigenvectors of a Hermitian matrix, their eigenvalues descending to rounding. Blocks keep
// theirs to themselves, and equal eigenvalues the order of the blocks: of a space of many equal
// ones a decomposition of the whole would choose any basis.
MatrixXcd eigenvectors_by_blocks(const MatrixXcd& hermitian) {
  constexpr double kSteps = 1e13;  // in the largest
  const double step = std::max(largest(hermitian), std::numeric_limits<double>::min()) / kSteps;
  MatrixXcd vectors = MatrixXcd::Zero(hermitian.rows(), hermitian.cols());
  std::vector<std::pair<double, Eigen::Index>> order;
  for (const auto& block : blocks_of(hermitian)) {
    const Matrix part = hermitian(block, block);
    const Spectrum spectrum = diagonalise(part);
    for (std::size_t k = 0; k < block.size(); ++k) {
      vectors(block, block[k]) = spectrum.eigenvectors.col(static_cast<Eigen::Index>(k));
      order.emplace_back(-std::round(spectrum.eigenvalues[k] / step), block[k]);
    }
  }
  std::ranges::sort(order);
  MatrixXcd out(hermitian.rows(), hermitian.cols());
  for (std::size_t k = 0; k < order.size(); ++k) {
    out.col(static_cast<Eigen::Index>(k)) = vectors.col(order[k].second);
  }
  return out;
}

// Of a square matrix A. V has the eigenvectors of A†A, and A V = U R, whose diagonal has the
// singular values, in an order that descends. Where they are a good part of the first, R is
// diagonal to rounding; what it has in place of the others is decomposed in turn.
Svd svd_of(const MatrixXcd& a) {
  constexpr double kGoodPart = 0.1;
  Svd out{.v = eigenvectors_by_blocks(gram(a))};
  OrthogonalColumns columns = qr_of(qsim::product(a, out.v));
  out.u = std::move(columns.q);
  out.values = columns.r.diagonal().real();
  Eigen::Index resolved = 1;
  while (resolved < a.rows() && out.values(resolved) >= kGoodPart * out.values(0)) ++resolved;
  const Eigen::Index small = a.rows() - resolved;
  if (small == 0 || out.values(0) == 0) return out;
  const Svd rest = svd_of(columns.r.bottomRightCorner(small, small));
  out.u.rightCols(small) = qsim::product(out.u.rightCols(small), rest.u);
  out.v.rightCols(small) = qsim::product(out.v.rightCols(small), rest.v);
  out.values.tail(small) = rest.values;
  return out;
}

bool diagonal_to_rounding(MatrixXcd matrix) {
  matrix.diagonal().setZero();
  return largest(matrix) <= kRounding;
}

// Both blocks of the first half are of columns times cosines and sines, times `right`.
CosineSine with_second_half(const MatrixXcd& u, const MatrixXcd& left0, const MatrixXcd& left1,
                            const MatrixXcd& right, const VectorXd& cosines,
                            const VectorXd& sines) {
  const Eigen::Index m = u.rows() / 2;
  CosineSine out;
  VectorXd c(m);
  VectorXd s(m);
  for (Eigen::Index k = 0; k < m; ++k) {
    const double angle = std::atan2(sines(k), cosines(k));
    out.angles.push_back(angle);
    c(k) = std::cos(angle);
    s(k) = std::sin(angle);
  }
  out.right1 = c.asDiagonal() * qsim::product(left1.adjoint(), u.bottomRightCorner(m, m)) -
               s.asDiagonal() * qsim::product(left0.adjoint(), u.topRightCorner(m, m));
  out.left0 = left0;
  out.left1 = left1;
  out.right0 = right.adjoint();
  return out;
}

// Where one side can be the identity: blocks on one of the diagonals alone, or orthogonal columns
// in each that are not short.
std::optional<CosineSine> one_sided(const MatrixXcd& u) {
  const Eigen::Index m = u.rows() / 2;
  const MatrixXcd one = MatrixXcd::Identity(m, m);
  const MatrixXcd first = u.topLeftCorner(m, m);
  const MatrixXcd second = u.bottomLeftCorner(m, m);
  const VectorXd zeros = VectorXd::Zero(m);
  const VectorXd ones = VectorXd::Ones(m);
  if (largest(second) <= kRounding) {
    return with_second_half(u, first, u.bottomRightCorner(m, m), one, ones, zeros);
  }
  if (largest(first) <= kRounding) {
    return with_second_half(u, -u.topRightCorner(m, m), second, one, zeros, ones);
  }
  constexpr double kNotShort = 0.03;
  const VectorXd norms = first.colwise().norm();
  const bool short_ones =
      norms.minCoeff() < kNotShort || second.colwise().norm().minCoeff() < kNotShort;
  if (short_ones || !diagonal_to_rounding(gram(first))) return std::nullopt;
  const OrthogonalColumns above = qr_of(first);
  const OrthogonalColumns below = qr_of(second);
  return with_second_half(u, above.q, below.q, one, above.r.diagonal().real(),
                          below.r.diagonal().real());
}

CosineSine decompose_cosine_sine(const MatrixXcd& u) {
  if (auto simple = one_sided(u)) return std::move(*simple);
  const Eigen::Index m = u.rows() / 2;
  // Singular values come in descending order; here the cosines ascend, so that the sines that a QR
  // decomposition resolves come first.
  const Svd svd = svd_of(u.topLeftCorner(m, m));
  MatrixXcd left0 = svd.u.rowwise().reverse();
  MatrixXcd right = svd.v.rowwise().reverse();
  VectorXd cosines = svd.values.reverse();
  OrthogonalColumns below = qr_of(qsim::product(u.bottomLeftCorner(m, m), right));
  VectorXd sines = below.r.diagonal().real();
  const Eigen::Index small = (cosines.array() > std::numbers::sqrt2 / 2).count();
  if (small > 0) {
    const Svd rest = svd_of(below.r.bottomRightCorner(small, small));
    below.q.rightCols(small) = qsim::product(below.q.rightCols(small), rest.u);
    right.rightCols(small) = qsim::product(right.rightCols(small), rest.v);
    sines.tail(small) = rest.values;
    const OrthogonalColumns above = qr_of(cosines.tail(small).asDiagonal() * rest.v);
    left0.rightCols(small) = qsim::product(left0.rightCols(small), above.q);
    cosines.tail(small) = above.r.diagonal().real();
  }
  return with_second_half(u, left0, below.q, right, cosines, sines);
}

// To rounding, of factors that should be unitary but for `middle`, and whose product is the matrix.
bool is_right(const MatrixXcd& left, const MatrixXcd& middle, const MatrixXcd& right,
              const MatrixXcd& matrix) {
  const double rounding = 1e-14 * static_cast<double>(matrix.rows());
  const auto is_zero = [&](const MatrixXcd& m) {  // and no NaN, which a maximum may pass over
    return (m.cwiseAbs().array() <= rounding).all();
  };
  const MatrixXcd one = MatrixXcd::Identity(matrix.rows(), matrix.cols());
  return is_zero(gram(left) - one) && is_zero(gram(right) - one) &&
         is_zero(times_adjoint(qsim::product(left, middle), right) - matrix);
}

// A matrix that is unitary to a part in 10⁵ at least made unitary to rounding, by steps to the
// nearest one that square what is missing (Björck and Bowie 1971, doi:10.1137/0708036); one that is
// so already stays as it is.
MatrixXcd polished(MatrixXcd matrix) {
  constexpr int kMostSteps = 4;
  const MatrixXcd one = MatrixXcd::Identity(matrix.rows(), matrix.cols());
  for (int step = 0; step < kMostSteps; ++step) {
    const MatrixXcd missing = one - gram(matrix);
    if (largest(missing) <= kRounding) break;
    matrix += qsim::product(matrix, missing / 2);
  }
  return matrix;
}

// A unitary matrix is basis · diagonal · basis†. The Hermitian part of the matrix times any phase
// has the same eigenvectors; where two eigenvalues have one real part then, or nearly, what it
// makes of theirs is taken apart in the next turn, by another phase.
struct Diagonalised {
  MatrixXcd basis{};
  MatrixXcd diagonal{};
};

Diagonalised diagonalised(const MatrixXcd& given) {
  const MatrixXcd unitary = polished(given);
  Diagonalised out{MatrixXcd::Identity(unitary.rows(), unitary.cols()), unitary};
  constexpr int kMostTurns = 8;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const MatrixXcd turned = std::polar(0.5, static_cast<double>(turn + 1)) * out.diagonal;
    const MatrixXcd vectors = eigenvectors_by_blocks(turned + turned.adjoint());
    out.basis = qsim::product(out.basis, vectors);
    out.diagonal = qsim::product(qsim::product(vectors.adjoint(), out.diagonal), vectors);
    if (is_right(out.basis, out.diagonal.diagonal().asDiagonal(), out.basis, unitary)) return out;
  }
  fail("a matrix of ", unitary.rows(), " rows has no eigenvectors that are right to rounding");
}

}  // namespace

Matrix nearest_unitary(const Matrix& matrix) {
  return abandonable(matrix.rows(), [matrix]() -> Matrix {
    const Svd svd = svd_of(matrix);
    return times_adjoint(svd.u, svd.v);
  });
}

UnitarySpectrum diagonalise_unitary(const Matrix& unitary) {
  return abandonable(unitary.rows(), [unitary]() -> UnitarySpectrum {
    if (diagonal_to_rounding(unitary)) {
      UnitarySpectrum out{.eigenvectors = Matrix::Identity(unitary.rows(), unitary.cols())};
      for (const Complex& entry : unitary.diagonal()) out.phases.push_back(std::arg(entry));
      return out;
    }
    const Diagonalised form = diagonalised(unitary);
    UnitarySpectrum out{.eigenvectors = form.basis};
    for (const Complex& eigenvalue : form.diagonal.diagonal()) {
      out.phases.push_back(std::arg(eigenvalue));
    }
    return out;
  });
}

Matrix unitary_power(const Matrix& unitary, double exponent) {
  const UnitarySpectrum spectrum = diagonalise_unitary(unitary);
  const Matrix& v = spectrum.eigenvectors;
  VectorXcd powers(v.cols());
  for (Eigen::Index k = 0; k < powers.size(); ++k) {
    powers(k) = std::polar(1.0, exponent * spectrum.phases[static_cast<std::size_t>(k)]);
  }
  return times_adjoint(v * powers.asDiagonal(), v);
}

CosineSine cosine_sine(const Matrix& unitary) {
  return abandonable(unitary.rows(), [unitary] { return decompose_cosine_sine(unitary); });
}

}  // namespace qsim
