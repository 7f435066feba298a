#include "qsim/hamiltonians/sparse_matrix.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::MatrixEntry;
using qsim::PauliSum;
using reference::Dice;

namespace {

PauliSum random_sum(int n, int n_terms, Dice& dice) {
  std::vector<qsim::PauliTerm> terms;
  for (int k = 0; k < n_terms; ++k) {
    const auto mask = [&] { return static_cast<qsim::Index>(dice.below(1 << n)); };
    terms.push_back({dice.uniform(-1, 1), {mask(), mask()}});
  }
  return {n, terms};
}

std::vector<MatrixEntry> entries_of(const qsim::SparseMatrix& matrix) {
  std::vector<MatrixEntry> out;
  for (std::size_t row = 0; row + 1 < matrix.starts.size(); ++row) {
    for (auto k = static_cast<std::size_t>(matrix.starts[row]);
         k < static_cast<std::size_t>(matrix.starts[row + 1]); ++k) {
      out.push_back({row, static_cast<qsim::Index>(matrix.columns[k]), matrix.values[k]});
    }
  }
  return out;
}

// The largest difference of coefficients, of sums of the same strings.
double distance(const PauliSum& a, const PauliSum& b) {
  if (a.terms().size() != b.terms().size() || a.n_qubits() != b.n_qubits()) return INFINITY;
  double out = 0;
  for (std::size_t k = 0; k < a.terms().size(); ++k) {
    if (a.terms()[k].string != b.terms()[k].string) return INFINITY;
    out = std::max(out, std::abs(a.terms()[k].coefficient - b.terms()[k].coefficient));
  }
  return out;
}

}  // namespace

TEST_CASE("sparse matrices are those of their sums, and give them back", "[hamiltonians]") {
  Dice dice(1);
  for (int n = 1; n <= 4; ++n) {
    for (const int n_terms : {0, 1, 3, 30}) {
      const PauliSum sum = random_sum(n, n_terms, dice);
      std::vector<MatrixEntry> entries = entries_of(qsim::sparse_matrix(sum));
      reference::Matrix dense = reference::Matrix::Zero(1 << n, 1 << n);
      for (const auto& [row, column, value] : entries) {
        CHECK(value != 0.0);
        dense(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)) += value;
      }
      CHECK(reference::difference(dense, reference::observable(sum, n)) < 1e-13);
      CHECK(distance(qsim::pauli_sum_of(n, std::move(entries)), sum) < 1e-14);
    }
  }
}

TEST_CASE("entries of one place are added up, in any order", "[hamiltonians]") {
  const PauliSum sum =
      qsim::pauli_sum_of(1, {{1, 0, {0, 1}}, {0, 1, {0, -0.5}}, {0, 0, 2.0}, {0, 1, {0, -0.5}}});
  CHECK(sum == PauliSum::parse("Y + I + Z"));
}

TEST_CASE("matrices that are no sums are refused", "[hamiltonians]") {
  CHECK(reference::contains(reference::error_of<qsim::ValueError>([] {
                              (void)qsim::pauli_sum_of(1, {{0, 1, 1.0}});
                            }),
                            "not Hermitian"));
  CHECK_THROWS_AS(qsim::pauli_sum_of(1, {{0, 2, 1.0}}), qsim::IndexError);
  CHECK_THROWS_AS(qsim::pauli_sum_of(1, {{0, 0, NAN}}), qsim::ValueError);
  CHECK_THROWS_AS(qsim::pauli_sum_of(0, {}), qsim::ValueError);
}
