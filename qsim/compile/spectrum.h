#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace qsim {

// Ascending, those that differ by rounding errors counted once.
std::vector<double> distinct_eigenvalues(std::vector<double> eigenvalues);

// The positive differences between a generator's eigenvalues, ascending: an expectation value is a
// Fourier series in the angle with just these frequencies. ½ and 1 for a controlled Pauli rotation,
// 1 alone for a plain one, none for a global phase. Nothing where there are more than `limit`, as
// 2^k eigenvalues can have some 2^2k differences.
std::optional<std::vector<double>> frequencies(std::vector<double> eigenvalues, std::size_t limit);

}  // namespace qsim
