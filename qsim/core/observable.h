#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "qsim/core/decompositions.h"
#include "qsim/core/pauli.h"
#include "qsim/core/types.h"

namespace qsim {

// A Hermitian matrix on a few qubits; the first qubit is the least significant bit of its index.
struct MatrixObservable {
  // Throws ValueError unless the matrix is 2^k × 2^k for k distinct qubits, finite and Hermitian.
  MatrixObservable(Matrix matrix, std::vector<Qubit> qubits);

  Matrix matrix;
  std::vector<Qubit> qubits;

  // Found when first asked for, which takes seconds for the largest matrices: only shots, and the
  // range of the values, need them. Copies share what was found.
  [[nodiscard]] const Spectrum& spectrum() const;

  bool operator==(const MatrixObservable& other) const;  // the same matrix on the same qubits

 private:
  struct Found;
  std::shared_ptr<Found> found_;
};

using Observable = std::variant<PauliSum, MatrixObservable>;

// One more than the largest qubit an observable acts on; PauliSums say how many they are over.
int qubits_needed(const Observable& observable);

}  // namespace qsim
