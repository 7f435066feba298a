// Fermions and what they become on qubits, against ladder operators as matrices over occupations.

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "qsim/core/error.h"
#include "qsim/hamiltonians/fermion_mapping.h"
#include "qsim/hamiltonians/lattices.h"
#include "qsim/hamiltonians/molecule.h"
#include "qsim/hamiltonians/uccsd.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::FermionMapping;
using qsim::FermionOperator;
using reference::Complex;
using reference::Dice;
using reference::difference;
using reference::Matrix;

namespace {

constexpr double kTight = 1e-12;
constexpr std::array kMappings{FermionMapping::kJordanWigner, FermionMapping::kParity,
                               FermionMapping::kBravyiKitaev};

// a†_mode or a_mode over the occupations of n modes, with a sign for each fermion in a mode below.
Matrix ladder(int mode, bool creates, int n) {
  Matrix lowers = Matrix::Zero(1 << n, 1 << n);
  for (int occupations = 0; occupations < (1 << n); ++occupations) {
    if (((occupations >> mode) & 1) == 0) continue;
    const auto below = static_cast<unsigned>(occupations & ((1 << mode) - 1));
    lowers(occupations ^ (1 << mode), occupations) = std::popcount(below) % 2 == 0 ? 1 : -1;
  }
  return creates ? Matrix(lowers.adjoint()) : lowers;
}

Matrix matrix_of(const FermionOperator& fermions, int n) {
  Matrix out = Matrix::Zero(1 << n, 1 << n);
  for (const auto& [product, coefficient] : fermions.terms()) {
    Matrix term = Matrix::Identity(1 << n, 1 << n);
    for (const auto& [mode, creates] : product) term *= ladder(mode, creates, n);
    out += coefficient * term;
  }
  return out;
}

// A matrix over occupations as one over the qubits that encode them.
Matrix encoded(const Matrix& matrix, FermionMapping mapping, int n) {
  Matrix out = Matrix::Zero(1 << n, 1 << n);
  const auto place = [&](int occupations) {
    return static_cast<Eigen::Index>(
        qsim::encoded(static_cast<qsim::Index>(occupations), mapping, n));
  };
  for (int i = 0; i < (1 << n); ++i) {
    for (int j = 0; j < (1 << n); ++j) out(place(i), place(j)) = matrix(i, j);
  }
  return out;
}

FermionOperator random_hermitian(int n, Dice& dice) {
  FermionOperator out;
  for (int k = 0; k < 6; ++k) {
    FermionOperator::Product product;
    for (int length = 1 + dice.below(4); length > 0; --length) {
      product.push_back({dice.below(n), dice.coin()});
    }
    const FermionOperator term(product, {dice.uniform(-1, 1), dice.uniform(-1, 1)});
    out += term + term.adjoint();
  }
  return out;
}

// a + a† of a mode, or i (a† − a).
FermionOperator majorana(int index) {
  const int mode = index / 2;
  const FermionOperator creates({{mode, true}});
  const FermionOperator annihilates({{mode, false}});
  if (index % 2 == 0) return creates + annihilates;
  return (creates - annihilates) * reference::kI;
}

Eigen::MatrixXd random_symmetric(int n, Dice& dice) {
  Eigen::MatrixXd out(n, n);
  for (Eigen::Index k = 0; k < out.size(); ++k) out(k) = dice.uniform(-1, 1);
  return out + out.transpose();
}

}  // namespace

TEST_CASE("every mapping acts on qubits as the operator does on fermions", "[hamiltonians]") {
  Dice dice(1);
  for (const FermionMapping mapping : kMappings) {
    for (int n = 2; n <= 4; ++n) {
      const FermionOperator fermions = random_hermitian(n, dice);
      const qsim::PauliSum sum = qsim::map_fermions(fermions, mapping, n);
      CHECK(sum.n_qubits() == n);
      CHECK(difference(sum.matrix(), encoded(matrix_of(fermions, n), mapping, n)) < kTight);
    }
  }
}

TEST_CASE("mapped Majorana operators anticommute and square to one", "[hamiltonians]") {
  constexpr int kModes = 4;
  for (const FermionMapping mapping : kMappings) {
    for (int i = 0; i < 2 * kModes; ++i) {
      for (int j = 0; j <= i; ++j) {
        const qsim::PauliSum both =
            qsim::anticommutator(qsim::map_fermions(majorana(i), mapping, kModes),
                                 qsim::map_fermions(majorana(j), mapping, kModes));
        const std::vector<qsim::PauliTerm> two{{2.0, {}}};
        CHECK(both == (i == j ? qsim::PauliSum(kModes, two) : qsim::PauliSum(kModes, {})));
      }
    }
  }
}

TEST_CASE("normal order is the same operator, and adjoints are adjoint", "[hamiltonians]") {
  Dice dice(2);
  for (int n = 2; n <= 4; ++n) {
    const FermionOperator a = random_hermitian(n, dice) * Complex(0.5, 0.5);
    const FermionOperator b = random_hermitian(n, dice);
    CHECK(difference(matrix_of(a.normal_ordered(), n), matrix_of(a, n)) < kTight);
    CHECK(difference(matrix_of(a.adjoint(), n), matrix_of(a, n).adjoint()) < kTight);
    CHECK(difference(matrix_of(a * b, n), matrix_of(a, n) * matrix_of(b, n)) < kTight);
  }
}

TEST_CASE("what cannot be mapped is refused", "[hamiltonians]") {
  const FermionOperator hop(FermionOperator::parse("0^ 1"));
  CHECK_THROWS_AS(qsim::map_fermions(hop, FermionMapping::kParity), qsim::ValueError);
  CHECK_THROWS_AS(qsim::map_fermions(hop + hop.adjoint(), FermionMapping::kParity, 1),
                  qsim::ValueError);
  CHECK_THROWS_AS(FermionOperator({{62, true}}), qsim::IndexError);
  CHECK_THROWS_AS(qsim::fermion_mapping("verstraete"), qsim::ValueError);
}

TEST_CASE("the Hubbard model hops, repels and fills", "[hamiltonians]") {
  constexpr int kModes = 4;  // of two sites
  Matrix expected = Matrix::Zero(1 << kModes, 1 << kModes);
  const auto number = [](int mode) {
    return Matrix(ladder(mode, true, kModes) * ladder(mode, false, kModes));
  };
  for (const int spin : {0, 1}) {
    const Matrix hop = ladder(spin, true, kModes) * ladder(2 + spin, false, kModes);
    expected -= 0.7 * (hop + hop.adjoint());
  }
  for (const int site : {0, 1}) expected += 1.9 * number(2 * site) * number(2 * site + 1);
  for (int mode = 0; mode < kModes; ++mode) expected -= 0.3 * number(mode);
  CHECK(difference(matrix_of(qsim::hubbard(2, {{0, 1}}, 0.7, 1.9, 0.3), kModes), expected) <
        kTight);
}

TEST_CASE("molecules have the integrals of their orbitals and spins", "[hamiltonians]") {
  constexpr int kOrbitals = 2;
  constexpr int kModes = 2 * kOrbitals;
  Dice dice(3);
  const Eigen::MatrixXd one = random_symmetric(kOrbitals, dice);
  // (pq|rs) of real orbitals is symmetric in p and q, in r and s, and in the pairs.
  const Eigen::MatrixXd pairs = random_symmetric(kOrbitals * kOrbitals, dice);
  std::vector<double> two;
  const auto pair = [](int p, int q) { return std::max(p, q) * kOrbitals + std::min(p, q); };
  for (int p = 0; p < kOrbitals; ++p) {
    for (int q = 0; q < kOrbitals; ++q) {
      for (int r = 0; r < kOrbitals; ++r) {
        for (int s = 0; s < kOrbitals; ++s) two.push_back(pairs(pair(p, q), pair(r, s)));
      }
    }
  }
  const auto up = [](int mode) { return ladder(mode, true, kModes); };
  const auto down = [](int mode) { return ladder(mode, false, kModes); };
  Matrix expected = 0.4 * Matrix::Identity(1 << kModes, 1 << kModes);
  for (int p = 0; p < kModes; ++p) {
    for (int q = p % 2; q < kModes; q += 2) {
      expected += one(p / 2, q / 2) * up(p) * down(q);
      for (int r = 0; r < kModes; ++r) {
        for (int s = r % 2; s < kModes; s += 2) {
          expected += 0.5 * pairs(pair(p / 2, q / 2), pair(r / 2, s / 2)) * up(p) * up(r) *
                      down(s) * down(q);
        }
      }
    }
  }
  CHECK(difference(matrix_of(qsim::molecular_hamiltonian(one, two, 0.4), kModes), expected) <
        kTight);
  CHECK_THROWS_AS(qsim::molecular_hamiltonian(one, std::vector<double>(3)), qsim::ValueError);
}

TEST_CASE("coupled clusters keep the electrons, and are the reference at angle 0",
          "[hamiltonians]") {
  constexpr int kModes = 4;
  Dice dice(4);
  FermionOperator number;
  for (int mode = 0; mode < kModes; ++mode) {
    number += FermionOperator({{mode, true}, {mode, false}});
  }
  for (const FermionMapping mapping : kMappings) {
    const qsim::Circuit circuit = qsim::uccsd(2, kModes, mapping);
    reference::Values zero;
    reference::Values some;
    for (const std::string& name : circuit.parameters()) {
      zero[name] = 0;
      some[name] = dice.uniform(-1, 1);
    }
    const reference::Vector start = reference::simulate(circuit, zero);
    const auto place = static_cast<Eigen::Index>(qsim::encoded(0b0011, mapping, kModes));
    CHECK(std::abs(std::abs(start(place)) - 1) < kTight);
    const reference::Vector state = reference::simulate(circuit, some);
    const Matrix n = qsim::map_fermions(number, mapping, kModes).matrix();
    CHECK(reference::largest(n * state - 2.0 * state) < kTight);
  }
}
