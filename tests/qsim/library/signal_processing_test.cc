#include "qsim/library/signal_processing.h"

#include <cmath>
#include <vector>

#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::Circuit;

TEST_CASE("quantum signal processing has its polynomial as an amplitude") {
  const std::vector<double> coefficients{0.1, 0, -0.3, 0, 0.5};
  const std::vector<double> angles = qsim::qsp_angles(coefficients);
  for (const double theta : {0.0, 0.4, 1.3, 2.9}) {
    const Circuit circuit = qsim::qsp(angles, theta);
    const double expected = 0.1 - 0.3 * std::cos(2 * theta) + 0.5 * std::cos(4 * theta);
    CHECK(std::abs(reference::simulate(circuit)(0).real() - expected) < 1e-12);
  }
}

TEST_CASE("qsvt has the polynomial of a block") {
  const std::vector<double> coefficients{0, 0.3, 0, 0.6};
  const Circuit encoding = Circuit(2).ry(0.8, 1).cry(0.7, 0, 1);  // diag(cos 0.4, cos 0.75)
  const Circuit circuit = qsim::qsvt(qsim::qsp_angles(coefficients), encoding, 1);
  const reference::Matrix matrix = reference::unitary(circuit);
  CHECK(std::abs(matrix(0, 0) - (0.3 * std::cos(0.4) + 0.6 * std::cos(1.2))) < 1e-12);
  CHECK(std::abs(matrix(1, 1) - (0.3 * std::cos(0.75) + 0.6 * std::cos(2.25))) < 1e-12);
  CHECK(std::abs(matrix(0, 1)) < 1e-12);
}

TEST_CASE("polynomials beyond 1 and of no parity have no angles") {
  const std::vector<double> large{0, 1.5};
  const std::vector<double> mixed{0.1, 0.1};
  CHECK_THROWS_AS(qsim::qsp_angles(large), qsim::ValueError);
  CHECK_THROWS_AS(qsim::qsp_angles(mixed), qsim::ValueError);
}
