#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/core/types.h"
#include "qsim/core/whole_number.h"

namespace qsim {

// a†_mode or a_mode.
struct Ladder {
  int mode = 0;
  bool creates = false;
  auto operator<=>(const Ladder&) const = default;
};

// Σ_k c_k · (a product of ladder operators), the c_k complex, of fermions in up to 62 modes:
// {a_i, a†_j} = δ_ij, {a_i, a_j} = 0. Products stay as they are written until normal_ordered().
class FermionOperator {
 public:
  using Product = std::vector<Ladder>;  // acts from right to left
  using Terms = std::map<Product, Complex>;

  FermionOperator() = default;  // 0
  // IndexError for modes outside [0, 61], ValueError for a coefficient that is not finite.
  explicit FermionOperator(Product product, Complex coefficient = 1.0);
  // "0^ 1" is a†_0 a_1, "" the identity. ValueError with the place of what it cannot read.
  static Product parse(std::string_view text);
  static std::string text(const Product& product);

  [[nodiscard]] const Terms& terms() const { return terms_; }
  [[nodiscard]] int n_modes() const;  // one more than the largest

  FermionOperator& operator+=(const FermionOperator& other);
  FermionOperator operator+(const FermionOperator& other) const;
  FermionOperator operator-(const FermionOperator& other) const;
  FermionOperator operator*(Complex factor) const;
  FermionOperator operator*(const FermionOperator& other) const;  // the operator product
  [[nodiscard]] FermionOperator adjoint() const;
  // The same operator with creators first, either kind by falling modes: two operators are equal
  // if and only if their normal orders are, up to rounding.
  [[nodiscard]] FermionOperator normal_ordered() const;
  bool operator==(const FermionOperator& other) const = default;  // as written

 private:
  void add(Product product, Complex coefficient);

  Terms terms_;
};

}  // namespace qsim
