#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/types.h"

namespace qsim {

inline constexpr std::size_t kAxes = 3;  // X, Y, Z

// A tensor product of Paulis as two masks: X where only x has the bit, Z where only z has it, Y
// where both have it. P|j⟩ = i^popcount(x&z) · (−1)^parity(j&z) · |j^x⟩.
struct PauliString {
  Index x = 0;
  Index z = 0;

  bool operator==(const PauliString&) const = default;
  auto operator<=>(const PauliString&) const = default;

  [[nodiscard]] Index support() const { return x | z; }
  [[nodiscard]] bool is_identity() const { return support() == 0; }
  [[nodiscard]] char letter(Qubit q) const;

  // "ZIX" over `n_qubits` letters, qubit 0 rightmost.
  [[nodiscard]] std::string text(int n_qubits) const;

  // "ZIX": Z on qubit 2, X on qubit 0. Throws ValueError for any other letter.
  static PauliString parse(std::string_view dense);

  // letters[k] acts on qubits[k]: ("ZX", {4, 0}) is Z on qubit 4 and X on qubit 0.
  static PauliString on(std::string_view letters, std::span<const Qubit> qubits);
};

// i^power.
Complex power_of_i(int power);

// The product a·b = phase · string.
struct PauliProduct {
  Complex phase;
  PauliString string;
};
PauliProduct multiply(const PauliString& a, const PauliString& b);

// The dense 2^k × 2^k matrix of a string on k qubits.
Matrix pauli_matrix(const PauliString& string, int n_qubits);

struct PauliTerm {
  double coefficient = 0.0;
  PauliString string;
  bool operator==(const PauliTerm&) const = default;
};

// A Hermitian observable Σ_j c_j P_j with real coefficients, like terms collected, zero terms
// dropped, sorted by mask.
class PauliSum {
 public:
  PauliSum() = default;
  PauliSum(int n_qubits, const std::vector<PauliTerm>& terms);

  // "ZIII" (one string), or sparse terms "0.5 * Z0 Z1 - X2 + 1.25" (the number of qubits is then
  // one more than the largest index, or n_qubits if that is given). Throws ValueError with the
  // place of what it cannot read.
  static PauliSum parse(std::string_view text, int n_qubits = 0);

  [[nodiscard]] int n_qubits() const { return n_qubits_; }
  [[nodiscard]] const std::vector<PauliTerm>& terms() const { return terms_; }
  [[nodiscard]] std::string text() const;  // "0.5*ZZI - IIX"
  [[nodiscard]] Matrix matrix() const;     // 2^n × 2^n, n ≤ 12

  PauliSum operator+(const PauliSum& other) const;
  PauliSum operator-(const PauliSum& other) const;
  PauliSum operator-() const;
  PauliSum operator*(double factor) const;
  friend PauliSum operator*(double factor, const PauliSum& sum) { return sum * factor; }
  // The operator product; throws ValueError when it is not Hermitian.
  PauliSum operator*(const PauliSum& other) const;
  bool operator==(const PauliSum& other) const = default;

 private:
  int n_qubits_ = 0;
  std::vector<PauliTerm> terms_;
};

// Its text().
std::ostream& operator<<(std::ostream& out, const PauliSum& sum);

// i(ab − ba), the Hermitian multiple of the commutator, and ab + ba, without coefficients as small
// as the rounding errors of the products.
PauliSum i_commutator(const PauliSum& a, const PauliSum& b);
PauliSum anticommutator(const PauliSum& a, const PauliSum& b);

}  // namespace qsim
