#include "qsim/library/synthesize.h"

#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"
#include "qsim/core/unitary_decompositions.h"
#include "qsim/library/multiplexor.h"
#include "qsim/library/parts.h"
#include "qsim/library/two_qubits.h"

namespace qsim {
namespace {

// The quantum Shannon decomposition, in the order in which its gates act. Matrices on qubits 0 and
// 1 wait until a gate with another qubit comes between. Up to a diagonal they then take two CX; the
// diagonal commutes with all gates that have these qubits for controls, and joins what comes next.
class ShannonDecomposition {
 public:
  explicit ShannonDecomposition(int n_qubits) : gates_(n_qubits) {}

  void add(const Matrix& unitary, int n_qubits) {
    count_work(static_cast<std::size_t>(unitary.size()));
    if (n_qubits == 2) {
      waiting_ = (unitary * waiting_).eval();
      return;
    }
    const Qubit target = n_qubits - 1;
    CosineSine parts = cosine_sine(unitary);
    add_multiplexed(parts.right0, parts.right1, target);
    for (double& angle : parts.angles) angle *= 2;
    const MultiplexedRotation middle(Axis::kY, std::move(parts.angles));
    const Index left_out = add_open(middle, target);
    // The last CZ are signs of the matrix that follows where the target is 1.
    for (Eigen::Index k = 0; k < parts.left1.cols(); ++k) {
      if (parity(static_cast<Index>(k) & left_out)) parts.left1.col(k) = -parts.left1.col(k);
    }
    add_multiplexed(parts.left0, parts.left1, target);
  }

  Circuit finish() {
    add_two_qubits(gates_, waiting_, 0, 1);
    return gates_.finish();
  }

 private:
  // a where the target is 0 and b where it is 1: (V ⊕ V)·(D ⊕ D†)·(W ⊕ W) with a·b† = V·D²·V†.
  void add_multiplexed(const Matrix& a, const Matrix& b, Qubit target) {
    UnitarySpectrum spectrum = diagonalise_unitary(times_adjoint(a, b));
    const Matrix& v = spectrum.eigenvectors;
    Matrix w = product(v.adjoint(), b);
    std::vector<double> angles;
    for (Eigen::Index k = 0; k < w.rows(); ++k) {
      const double half = spectrum.phases[static_cast<std::size_t>(k)] / 2;
      w.row(k) *= std::polar(1.0, half);
      angles.push_back(-2 * half);
    }
    add(w, target);
    const MultiplexedRotation middle(Axis::kZ, std::move(angles));
    flush_before(middle);
    middle.add(gates_, qubit_range(0, target), target);
    add(v, target);
  }

  Index add_open(const MultiplexedRotation& rotation, Qubit target) {
    flush_before(rotation);
    return rotation.add_open(gates_, qubit_range(0, target), target);
  }

  void flush_before(const MultiplexedRotation& rotation) {
    constexpr Index kLowest = 0b11;
    constexpr double kDiagonal = 1e-14;
    Eigen::Matrix4cd off = waiting_;
    off.diagonal().setZero();
    const bool commutes = off.cwiseAbs().maxCoeff() <= kDiagonal;
    if (commutes || (rotation.controls_used() & kLowest) == 0) return;
    waiting_ = add_two_qubits_up_to_diagonal(gates_, waiting_, 0, 1);
  }

  GateSequence gates_;
  Eigen::Matrix4cd waiting_ = Eigen::Matrix4cd::Identity();
};

}  // namespace

Circuit synthesize(const Matrix& unitary) {
  constexpr std::string_view kWhat = "the matrix to synthesize";
  const auto rows = static_cast<std::size_t>(unitary.rows());
  require(std::has_single_bit(rows) && rows >= 2, kWhat,
          " must have a power of 2 of rows, 2 or more, got ", rows);
  const int n = std::countr_zero(rows);
  require(n <= kMaxSynthesisQubits, kWhat, " acts on ", n, " qubits, above the limit of ",
          kMaxSynthesisQubits);
  require_square(unitary, static_cast<std::size_t>(n), kWhat);
  require_unitary(unitary, kWhat);
  const Matrix nearest = nearest_unitary(unitary);
  if (n == 1) {
    GateSequence gates(1);
    gates.local(0, nearest);
    return gates.finish();
  }
  ShannonDecomposition decomposition(n);
  decomposition.add(nearest, n);
  return decomposition.finish();
}

}  // namespace qsim
