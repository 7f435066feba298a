#pragma once

#include <span>
#include <string_view>

#include "qsim/core/types.h"

namespace qsim {

// What a matrix given by a user must be. Each throws ValueError naming what is wrong; `what` is the
// subject of the message ("the unitary matrix").
void require_square(const Matrix& matrix, std::size_t n_qubits, std::string_view what);
void require_unitary(const Matrix& matrix, std::string_view what);
// Of a channel, whose superoperator has 4^k rows.
inline constexpr int kMaxChannelQubits = 5;
// Σ K†K = 1, all K being square and of one size.
void require_complete(std::span<const Matrix> kraus, std::string_view what);
void require_hermitian(const Matrix& matrix, std::string_view what);

// Throws IndexError below 0 or from n_qubits up, ValueError where one stands twice.
void require_distinct(std::span<const Qubit> qubits, int n_qubits);

bool is_diagonal(const Matrix& matrix);

// True when every row and column has exactly one non-zero entry.
bool is_permutation(const Matrix& matrix);

// The largest number of qubits a dense matrix may have, here 12 (a 256 MiB matrix).
inline constexpr int kMaxMatrixQubits = 12;

}  // namespace qsim
