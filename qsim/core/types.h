#pragma once

#include <Eigen/Core>
#include <complex>
#include <cstdint>

// Qubit order, stated once for the whole project: qubit 0 is the least significant bit of a basis
// index, so basis state 5 = 0b101 has qubits 0 and 2 in |1⟩. Text shows qubit 0 rightmost: the
// Pauli string "ZIX" is X on qubit 0 and Z on qubit 2, and the bit string "101" reads qubit 2
// first. In a matrix that acts on a list of qubits, the first qubit of the list is the least
// significant bit of the row and column index.

namespace qsim {

using Qubit = int;                     // signed, so that a negative number can be reported
using Index = std::uint64_t;           // a basis state
using Complex = std::complex<double>;  // host-side numbers are always double
using Matrix = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Masks and basis indices are 64-bit words; no machine holds anywhere near this many qubits.
inline constexpr int kMaxQubits = 62;

}  // namespace qsim
