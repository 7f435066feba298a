#include "qsim/core/matrix.h"

#include <algorithm>
#include <cmath>

#include "qsim/core/abandonable.h"
#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

// Loose enough for matrices written out in single precision.
constexpr double kStructureTolerance = 1e-6;

}  // namespace

void require_square(const Matrix& matrix, std::size_t n_qubits, std::string_view what) {
  require(n_qubits >= 1 && n_qubits <= kMaxMatrixQubits, what, " acts on ", n_qubits,
          " qubits, outside [1, ", kMaxMatrixQubits, "]");
  const auto size = static_cast<Eigen::Index>(bit(static_cast<int>(n_qubits)));
  require(matrix.rows() == size && matrix.cols() == size, what, " must be ", size, " x ", size,
          " for ", n_qubits, " qubit(s), got ", matrix.rows(), " x ", matrix.cols());
  if (matrix.allFinite()) return;
  for (Eigen::Index k = 0; k < size * size; ++k) {
    const Complex entry = matrix(k / size, k % size);
    require(std::isfinite(entry.real()) && std::isfinite(entry.imag()), what,
            " has an entry that is not finite, at row ", k / size, ", column ", k % size);
  }
}

void require_unitary(const Matrix& matrix, std::string_view what) {
  const double error = abandonable(matrix.rows(), [matrix] {
    return (gram(matrix) - Matrix::Identity(matrix.rows(), matrix.cols())).cwiseAbs().maxCoeff();
  });
  require(error <= kStructureTolerance, what,
          " is not unitary: U^dagger U differs from the identity by ", error, " (limit ",
          kStructureTolerance, ")");
}

void require_hermitian(const Matrix& matrix, std::string_view what) {
  const double error = (matrix - matrix.adjoint()).cwiseAbs().maxCoeff();
  const double scale = std::max(1.0, matrix.cwiseAbs().maxCoeff());
  require(error <= kStructureTolerance * scale, what,
          " is not Hermitian: it differs from its adjoint by ", error, " (limit ",
          kStructureTolerance * scale, ")");
}

void require_complete(std::span<const Matrix> kraus, std::string_view what) {
  require(!kraus.empty(), what, " has no Kraus operators");
  const Eigen::Index size = kraus.front().rows();
  Matrix sum = Matrix::Zero(size, size);
  for (const Matrix& k : kraus) sum += gram(k);
  const double error = (sum - Matrix::Identity(size, size)).cwiseAbs().maxCoeff();
  require(error <= kStructureTolerance, what,
          " does not preserve the trace: the sum of K^dagger K differs from the identity by ",
          error, " (limit ", kStructureTolerance, ")");
}

void require_distinct(std::span<const Qubit> qubits, int n_qubits) {
  if (n_qubits > kMaxQubits) {  // too many for a mask
    std::vector<Qubit> sorted(qubits.begin(), qubits.end());
    std::ranges::sort(sorted);
    for (const Qubit q : sorted) {
      require<IndexError>(q >= 0 && q < n_qubits, "qubit ", q, " is out of range for ", n_qubits,
                          " qubit(s)");
    }
    const auto twice = std::ranges::adjacent_find(sorted);
    require(twice == sorted.end(), "qubit ", twice == sorted.end() ? 0 : *twice, " is given twice");
    return;
  }
  Index seen = 0;
  for (const Qubit q : qubits) {
    require<IndexError>(q >= 0 && q < n_qubits, "qubit ", q, " is out of range for ", n_qubits,
                        " qubit(s)");
    require(!has_bit(seen, q), "qubit ", q, " is given twice");
    seen |= bit(q);
  }
}

bool is_diagonal(const Matrix& matrix) {
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
    count_work(static_cast<std::size_t>(matrix.cols()) / 16);
    for (Eigen::Index c = 0; c < matrix.cols(); ++c) {
      if (r != c && matrix(r, c) != Complex{}) return false;
    }
  }
  return true;
}

bool is_permutation(const Matrix& matrix) {
  for (Eigen::Index k = 0; k < matrix.rows(); ++k) {
    count_work(static_cast<std::size_t>(matrix.rows()) / 8);
    if ((matrix.row(k).array() != Complex{}).count() != 1) return false;
    if ((matrix.col(k).array() != Complex{}).count() != 1) return false;
  }
  return true;
}

}  // namespace qsim
