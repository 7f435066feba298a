#include "qsim/hamiltonians/product_formula.h"

#include <cmath>

#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::PauliSum;
using reference::Matrix;

namespace {

// How far two unitary matrices are apart, but for a global phase.
double distance(const Matrix& a, const Matrix& b) {
  const reference::Complex overlap = (a.adjoint() * b).trace();
  return reference::difference(a * (overlap / std::abs(overlap)), b);
}

Matrix evolution(const PauliSum& hamiltonian, double time) {
  return reference::exponential(-reference::kI * time * hamiltonian.matrix());
}

const PauliSum& chain() {
  static const PauliSum sum = PauliSum::parse("ZZI + IZZ - 0.7*XII - 0.7*IXI - 0.7*IIX + 0.2*III");
  return sum;
}

}  // namespace

TEST_CASE("a first-order step is the exponentials of the terms", "[hamiltonians]") {
  Matrix expected = Matrix::Identity(8, 8);
  for (const auto& term : chain().terms()) {
    expected = evolution(PauliSum(3, {term}), 0.3) * expected;
  }
  CHECK(distance(reference::unitary(qsim::trotter(chain(), 0.3, 1)), expected) < 1e-12);
  CHECK(distance(reference::unitary(qsim::trotter(chain(), 0.6, 2)), expected * expected) < 1e-12);
}

TEST_CASE("halving the steps of an order divides the error by its power of two", "[hamiltonians]") {
  const Matrix exact = evolution(chain(), 0.5);
  for (const int order : {1, 2, 4}) {
    const auto error = [&](int steps) {
      return distance(reference::unitary(qsim::trotter(chain(), 0.5, steps, order)), exact);
    };
    const double ratio = error(2) / error(4);
    CHECK(std::abs(std::log2(ratio) - order) < 0.25);
  }
}

TEST_CASE("product formulas of terms that commute are exact", "[hamiltonians]") {
  const PauliSum commuting = PauliSum::parse("0.3*ZZ + 0.4*XX - 0.1*YY");
  for (const int order : {1, 2, 4, 6}) {
    CHECK(distance(reference::unitary(qsim::trotter(commuting, 0.7, 1, order)),
                   evolution(commuting, 0.7)) < 1e-12);
  }
}

TEST_CASE("the random formula of one term is exact, and of many comes near", "[hamiltonians]") {
  const PauliSum one = PauliSum::parse("-0.3*XZ");
  CHECK(distance(reference::unitary(qsim::qdrift(one, 0.7, 5, 1)), evolution(one, 0.7)) < 1e-12);
  CHECK(distance(reference::unitary(qsim::qdrift(chain(), 0.1, 4000, 1)), evolution(chain(), 0.1)) <
        0.05);
  CHECK(qsim::qdrift(chain(), 0.1, 50, 1) == qsim::qdrift(chain(), 0.1, 50, 1));
}

TEST_CASE("product formulas have orders and steps", "[hamiltonians]") {
  CHECK_THROWS_AS(qsim::trotter(chain(), 1, 0), qsim::ValueError);
  CHECK_THROWS_AS(qsim::trotter(chain(), 1, 1, 3), qsim::ValueError);
  CHECK_THROWS_AS(qsim::qdrift(chain(), 1, 0, 1), qsim::ValueError);
}
