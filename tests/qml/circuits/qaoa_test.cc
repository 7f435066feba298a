#include "qml/circuits/qaoa.h"

#include <cmath>
#include <vector>

#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::PauliSum;

TEST_CASE("qaoa of a ring has the known expectation value at its best angles") {
  // Farhi et al. 2014: 3/4 of the edges of an even ring are cut at depth 1.
  const PauliSum cost = PauliSum::parse("0.5*Z0 Z1 + 0.5*Z1 Z2 + 0.5*Z2 Z3 + 0.5*Z3 Z0");
  const qsim::Circuit circuit = qml::qaoa(cost, 1);
  CHECK(circuit.parameters() == std::vector<std::string>{"gamma[0]", "beta[0]"});
  const auto state = reference::simulate(
      circuit, {{"gamma[0]", -reference::kPi / 4}, {"beta[0]", reference::kPi / 8}});
  const double value = state.dot(cost.matrix() * state).real();
  CHECK(value == Approx(-1.0));
}

TEST_CASE("the Hamiltonian variational ansatz evolves under its groups in turn") {
  const std::vector<PauliSum> groups{PauliSum::parse("ZZ"), PauliSum::parse("XI + IX")};
  const qsim::Circuit circuit = qml::hamiltonian_variational(groups, 1);
  const auto state = reference::simulate(circuit, {{"theta[0]", 0.3}, {"theta[1]", 0.4}});
  const reference::Matrix expected =
      reference::exponential(-0.4 * reference::kI * groups[1].matrix()) *
      reference::exponential(-0.3 * reference::kI * groups[0].matrix());
  CHECK(reference::largest(state - expected.col(0)) < 1e-12);
  CHECK_THROWS_AS(qml::hamiltonian_variational({}, 1), qsim::ValueError);
}
