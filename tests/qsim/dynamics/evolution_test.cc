#include "qsim/dynamics/evolution.h"

#include <cmath>
#include <vector>

#include "qsim/core/error.h"
#include "qsim/dynamics/chebyshev.h"
#include "qsim/dynamics/spectral_bounds.h"
#include "qsim/hamiltonians/spectrum.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

using qsim::EvolutionMethod;
using qsim::EvolutionOptions;
using qsim::PauliSum;
using reference::Dice;

namespace {

PauliSum random_sum(int n, Dice& dice) {
  std::vector<qsim::PauliTerm> terms;
  for (int k = 0; k < 8; ++k) {
    const auto mask = [&] { return static_cast<qsim::Index>(dice.below(1 << n)); };
    terms.push_back({dice.uniform(-1, 1), {mask(), mask()}});
  }
  return {n, terms};
}

// How far evolve() is from the dense exponential.
template <class T>
double error_of_evolution(const PauliSum& sum, double time, int n, const EvolutionOptions& options,
                          Dice& dice) {
  const reference::Vector start = dice.state(n);
  qsim::State<T> state = reference::to_state<T>(start);
  qsim::evolve(sum, time, state, options);
  const reference::Matrix h = reference::observable(sum, n);
  return reference::difference(state, reference::exponential(-reference::kI * time * h) * start);
}

}  // namespace

TEST_CASE("all methods evolve as the dense exponential", "[dynamics]") {
  Dice dice(1);
  for (const auto method :
       {EvolutionMethod::kAutomatic, EvolutionMethod::kKrylov, EvolutionMethod::kChebyshev}) {
    for (int n = 2; n <= 4; ++n) {
      for (const double time : {0.0, 0.4, -3.0}) {
        const PauliSum sum = random_sum(n, dice);
        CHECK(error_of_evolution<double>(sum, time, n, {.method = method}, dice) < 2e-10);
        CHECK(error_of_evolution<float>(sum, time, n, {.method = method}, dice) < 5e-5);
      }
    }
  }
}

TEST_CASE("small spaces take more steps to the same end", "[dynamics]") {
  Dice dice(2);
  const PauliSum sum = random_sum(4, dice);
  CHECK(error_of_evolution<double>(
            sum, 2.0, 4, {.method = EvolutionMethod::kKrylov, .dimension = 3}, dice) < 2e-10);
}

TEST_CASE("a sum on fewer qubits leaves the others, and one without terms all", "[dynamics]") {
  Dice dice(3);
  CHECK(error_of_evolution<double>(PauliSum::parse("0.5*XY"), 1.0, 4, {}, dice) < 2e-10);
  CHECK(error_of_evolution<double>(PauliSum::parse("0.5*II"), 1.0, 4, {}, dice) < 1e-14);
  CHECK(error_of_evolution<double>(PauliSum(2, {}), 1.0, 2, {}, dice) < 1e-14);
}

TEST_CASE("evolution changes nothing where it is refused", "[dynamics]") {
  const qsim::State<double> start(2);
  qsim::State<double> state(2);
  const PauliSum sum = PauliSum::parse("XX");
  CHECK_THROWS_AS(qsim::evolve(PauliSum::parse("XXX"), 1.0, state), qsim::ValueError);
  CHECK_THROWS_AS(qsim::evolve(sum, INFINITY, state), qsim::ValueError);
  CHECK_THROWS_AS(qsim::evolve(sum, 1.0, state, {.tolerance = 1.0}), qsim::ValueError);
  CHECK_THROWS_AS(qsim::evolve(sum, 1.0, state, {.dimension = 1}), qsim::ValueError);
  CHECK_THROWS_AS(qsim::evolution_method("euler"), qsim::ValueError);
  CHECK(state.amplitudes() == start.amplitudes());
}

TEST_CASE("spectral bounds are never too narrow", "[dynamics]") {
  Dice dice(4);
  for (int n = 2; n <= 4; ++n) {
    const PauliSum sum = random_sum(n, dice);
    const auto bounds = qsim::spectral_bounds(sum);
    const auto values = qsim::spectrum_of(sum).eigenvalues;
    CHECK(bounds.lowest <= values.front() + 1e-12);
    CHECK(bounds.highest >= values.back() - 1e-12);
  }
  const auto bond = qsim::spectral_bounds(PauliSum::parse("XX + YY + ZZ"));
  CHECK(bond.lowest == Approx(-3));
  CHECK(bond.highest == Approx(1));
  const PauliSum chain = PauliSum::parse(
      "X0 X1 + Y0 Y1 + Z0 Z1 + X1 X2 + Y1 Y2 + Z1 Z2 + X2 X3 + Y2 Y3 + Z2 Z3 + X3 X4 + Y3 Y4 + Z3 "
      "Z4");
  const auto values = qsim::spectrum_of(chain).eigenvalues;
  const auto bounds = qsim::spectral_bounds(chain);  // one cluster
  CHECK(bounds.lowest == Approx(values.front()));
  CHECK(bounds.highest == Approx(values.back()));
}

TEST_CASE("Bessel functions", "[dynamics]") {
  const std::vector<double> of_1 = qsim::bessel_functions(1, 1e-16);
  CHECK(of_1.at(0) == Approx(0.7651976865579666).epsilon(1e-14));
  CHECK(of_1.at(1) == Approx(0.4400505857449335).epsilon(1e-14));
  const std::vector<double> of_10 = qsim::bessel_functions(10, 1e-16);
  CHECK(of_10.at(5) == Approx(-0.2340615281867936).epsilon(1e-14));
  double sum = of_10[0];  // 1 = J_0 + 2 Σ J_2k
  for (std::size_t k = 2; k < of_10.size(); k += 2) sum += 2 * of_10[k];
  CHECK(sum == Approx(1).epsilon(1e-14));
}
