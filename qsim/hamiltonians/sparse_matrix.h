#pragma once

#include <cstdint>
#include <vector>

#include "qsim/core/pauli.h"

namespace qsim {

// Compressed rows: those of row i are entries starts[i] to starts[i + 1], by rising column.
struct SparseMatrix {
  std::vector<std::int64_t> starts{};
  std::vector<std::int64_t> columns{};
  std::vector<Complex> values{};
};

// The 2^n × 2^n matrix of a sum, without zeros. Strings with one X mask share an entry a row.
// MemoryError, before it is made, where it has no room.
SparseMatrix sparse_matrix(const PauliSum& sum);

struct MatrixEntry {
  Index row = 0;
  Index column = 0;
  Complex value{};
};

// The sum that has a 2^n × 2^n matrix, given by its entries in any order; those of one place are
// added up. Coefficients as small as the rounding errors of others are dropped. IndexError for
// entries outside, ValueError where the matrix is not Hermitian.
PauliSum pauli_sum_of(int n_qubits, std::vector<MatrixEntry> entries);

}  // namespace qsim
