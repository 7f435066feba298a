#include "qsim/core/observable.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "qsim/core/matrix.h"

namespace qsim {

// No lock, which a fork could leave held: of threads that ask at the same time, the first to be
// done has the answer for all.
struct MatrixObservable::Found {
  std::atomic<const Spectrum*> spectrum{nullptr};

  Found() = default;
  Found(const Found&) = delete;
  Found& operator=(const Found&) = delete;
  ~Found() { delete spectrum.load(); }
};

MatrixObservable::MatrixObservable(Matrix matrix_in, std::vector<Qubit> qubits_in)
    : matrix(std::move(matrix_in)),
      qubits(std::move(qubits_in)),
      found_(std::make_shared<Found>()) {
  require_distinct(qubits, kMaxQubits);
  require_square(matrix, qubits.size(), "the observable matrix");
  require_hermitian(matrix, "the observable matrix");
  matrix = (matrix / 2 + matrix.adjoint() / 2).eval();  // exactly, as gradients take it to be
}

const Spectrum& MatrixObservable::spectrum() const {
  if (const Spectrum* known = found_->spectrum.load()) return *known;
  auto own = std::make_unique<const Spectrum>(diagonalise(matrix));
  const Spectrum* none = nullptr;
  if (found_->spectrum.compare_exchange_strong(none, own.get())) return *own.release();
  return *none;  // what another thread has found
}

bool MatrixObservable::operator==(const MatrixObservable& other) const {
  return qubits == other.qubits && matrix == other.matrix;  // as many qubits, so as many rows
}

int qubits_needed(const Observable& observable) {
  if (const auto* sum = std::get_if<PauliSum>(&observable)) return sum->n_qubits();
  const auto& qubits = std::get<MatrixObservable>(observable).qubits;
  return 1 + *std::max_element(qubits.begin(), qubits.end());
}

}  // namespace qsim
