#include "qsim/hamiltonians/fermion_mapping.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace qsim {
namespace {

class Encoding {
 public:
  Encoding(FermionMapping mapping, int n_modes) : mapping_(mapping), n_(n_modes) {}

  // The qubits that turn where the occupation of a mode does.
  [[nodiscard]] Index turned(int mode) const {
    if (mapping_ == FermionMapping::kJordanWigner) return bit(mode);
    if (mapping_ == FermionMapping::kParity) return bit(n_) - bit(mode);
    Index out = 0;
    for (int i = mode + 1; i <= n_; i += i & -i) out |= bit(i - 1);
    return out;
  }

  // The qubits whose parity is that of the modes below.
  [[nodiscard]] Index below(int mode) const {
    if (mapping_ == FermionMapping::kJordanWigner) return bit(mode) - 1;
    if (mapping_ == FermionMapping::kParity) return mode == 0 ? 0 : bit(mode - 1);
    Index out = 0;
    for (int i = mode; i > 0; i -= i & -i) out |= bit(i - 1);
    return out;
  }

  // The qubits whose parity is the mode's occupation.
  [[nodiscard]] Index own(int mode) const { return below(mode) ^ below(mode + 1); }

 private:
  FermionMapping mapping_;
  int n_;
};

// Sums of X^x Z^z, the Z acting first, without the phases of Pauli strings.
using Sums = std::map<PauliString, Complex>;

// sums ← sums · a or a†: a = X(turned) Z(below) (1 − Z(own))/2, a† with a plus.
Sums times(const Sums& sums, const Ladder& ladder, const Encoding& encoding) {
  const Index x = encoding.turned(ladder.mode);
  const Index z = encoding.below(ladder.mode);
  const Index own = encoding.own(ladder.mode);
  Sums out;
  for (const auto& [left, coefficient] : sums) {
    count_work(4);
    const Complex half = coefficient * (parity(left.z & x) ? -0.5 : 0.5);
    out[{left.x ^ x, left.z ^ z}] += half;
    out[{left.x ^ x, left.z ^ z ^ own}] += ladder.creates ? half : -half;
  }
  std::erase_if(out, [](const auto& item) { return item.second == 0.0; });
  return out;
}

void require_room(const FermionOperator::Product& product) {
  constexpr double kNode = sizeof(Sums::value_type) + 48;
  Index modes = 0;
  for (const Ladder& ladder : product) modes |= bit(ladder.mode);
  require_memory(std::ldexp(kNode, 2 + std::popcount(modes)),
                 concat("the Pauli strings of a product on ", std::popcount(modes), " modes"));
}

Sums mapped(const FermionOperator& fermions, const Encoding& encoding) {
  Sums out;
  for (const auto& [product, coefficient] : fermions.terms()) {
    require_room(product);
    Sums sums{{PauliString{}, coefficient}};
    for (const Ladder& ladder : product) sums = times(sums, ladder, encoding);
    for (const auto& [string, c] : sums) {
      count_work(4);
      out[string] += c;
    }
  }
  return out;
}

}  // namespace

FermionMapping fermion_mapping(std::string_view name) {
  if (name == "jordan_wigner") return FermionMapping::kJordanWigner;
  if (name == "parity") return FermionMapping::kParity;
  if (name == "bravyi_kitaev") return FermionMapping::kBravyiKitaev;
  fail("there is no mapping '", name,
       "' of fermions; there are 'jordan_wigner', 'parity' and 'bravyi_kitaev'");
}

PauliSum map_fermions(const FermionOperator& fermions, FermionMapping mapping,
                      WholeNumber n_modes) {
  constexpr double kRounding = 1e-14;
  constexpr double kImaginary = 1e-12;
  const int needed = std::max(1, fermions.n_modes());
  const int n = n_modes == 0 ? needed : int{n_modes};
  require(n >= needed && n <= kMaxQubits, "the number of modes is ", n, "; it must be from ",
          needed, ", which the operator acts on, to ", kMaxQubits);
  const Sums sums = mapped(fermions, Encoding(mapping, n));
  double largest = 0;
  for (const auto& [string, c] : sums) largest = std::max(largest, std::abs(c));
  std::vector<PauliTerm> terms;
  for (const auto& [string, c] : sums) {
    count_work();
    if (std::abs(c) <= kRounding * largest) continue;
    const Complex coefficient = c * power_of_i(-std::popcount(string.x & string.z));
    if (std::abs(coefficient.imag()) > kImaginary * largest) {
      fail("the operator is not Hermitian: the coefficient of ", string.text(n), " is ",
           coefficient, "; add its adjoint()");
    }
    terms.push_back({coefficient.real(), string});
  }
  return {n, terms};
}

Index encoded(Index occupations, FermionMapping mapping, int n_modes) {
  const Encoding encoding(mapping, n_modes);
  Index out = 0;
  for (Index rest = occupations; rest != 0; rest &= rest - 1) {
    out ^= encoding.turned(std::countr_zero(rest));
  }
  return out;
}

}  // namespace qsim
