#include "qsim/estimates/measurement_plan.h"

#include <cmath>
#include <set>

#include "qsim/core/error.h"
#include "qsim/core/parallel.h"
#include "qsim/engines/execute.h"
#include "qsim/estimates/classical_shadow.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::Diagonaliser;
using qsim::Estimate;
using qsim::Grouping;
using qsim::Matrix;
using qsim::MeasurementPlan;
using qsim::Observable;
using qsim::PauliString;
using qsim::PauliSum;
using qsim::PauliTerm;
using qsim::Random;
using qsim::State;
using qsim::ValueError;
using reference::Dice;

bool commute(const PauliString& a, const PauliString& b) {
  return qsim::parity(a.x & b.z) == qsim::parity(a.z & b.x);
}

PauliString random_string(int n, Dice& dice) {
  const auto word = [&] { return static_cast<qsim::Index>(dice.below(1 << n)); };
  const auto x = word();
  return {x, word()};
}

PauliSum random_sum(int n, int n_terms, Dice& dice) {
  std::vector<PauliTerm> terms;
  for (int k = 0; k < n_terms; ++k) {
    terms.push_back({0.1 + k % 3, random_string(n, dice)});
  }
  return {n, terms};
}

State<double> random_state(int n, Dice& dice) {
  Circuit circuit(n);
  for (int layer = 0; layer < 3; ++layer) {
    for (int q = 0; q < n; ++q)
      circuit.u(dice.uniform(-3, 3), dice.uniform(-3, 3), dice.uniform(-3, 3), q);
    for (int q = 0; q + 1 < n; ++q) circuit.cx(q, q + 1);
  }
  return qsim::simulate<double>(circuit);
}

}  // namespace

TEST_CASE("groups hold every string once, and only what commutes", "[estimates]") {
  Dice dice(1);
  for (const Grouping grouping : {Grouping::kNone, Grouping::kQubitwise, Grouping::kFull}) {
    const PauliSum sum = random_sum(5, 60, dice);
    std::set<std::size_t> seen;
    for (const auto& group : qsim::commuting_groups(sum.terms(), grouping)) {
      if (grouping == Grouping::kNone) CHECK(group.size() == 1);
      for (const std::size_t a : group) {
        CHECK(seen.insert(a).second);
        for (const std::size_t b : group) {
          CHECK(commute(sum.terms()[a].string, sum.terms()[b].string));
        }
      }
    }
    std::size_t n_strings = 0;
    for (const PauliTerm& term : sum.terms()) n_strings += term.string.is_identity() ? 0U : 1U;
    CHECK(seen.size() == n_strings);
  }
  const auto xyz = PauliSum(2, {{1, PauliString::parse("XX")},
                                {1, PauliString::parse("YY")},
                                {1, PauliString::parse("ZZ")}});
  CHECK(qsim::commuting_groups(xyz.terms(), Grouping::kFull).size() == 1);
  CHECK(qsim::commuting_groups(xyz.terms(), Grouping::kQubitwise).size() == 3);
  CHECK_THROWS_AS(qsim::grouping("some"), ValueError);
}

TEST_CASE("a diagonaliser turns commuting strings into Zs, signs included", "[estimates]") {
  Dice dice(2);
  for (int round = 0; round < 60; ++round) {
    const int n = 1 + dice.below(4);
    std::vector<PauliString> strings;
    for (int k = 0; k < 200; ++k) {
      const PauliString string = random_string(n, dice);
      bool fits = !string.is_identity();
      for (const PauliString& other : strings) fits = fits && commute(string, other);
      if (fits) strings.push_back(string);
    }
    const Diagonaliser diagonaliser(strings, n);
    const Matrix u = qsim::unitary(diagonaliser.circuit);
    for (std::size_t k = 0; k < strings.size(); ++k) {
      const auto& [diagonal, negative] = diagonaliser.diagonal[k];
      CHECK(diagonal.x == 0);
      const Matrix turned =
          (negative ? -1.0 : 1.0) * u.adjoint() * qsim::pauli_matrix(diagonal, n) * u;
      CHECK(reference::largest(turned - qsim::pauli_matrix(strings[k], n)) < 1e-12);
    }
  }
  const std::vector<PauliString> clash{PauliString::parse("X"), PauliString::parse("Z")};
  CHECK_THROWS_AS(Diagonaliser(clash, 1), ValueError);
}

TEST_CASE("strings that commute qubit by qubit need no gates on two qubits", "[estimates]") {
  const std::vector<PauliString> strings{PauliString::parse("XIY"), PauliString::parse("XZI"),
                                         PauliString::parse("IZY"), PauliString::parse("XZY")};
  const Diagonaliser diagonaliser(strings, 3);
  for (const auto& op : diagonaliser.circuit.operations()) CHECK(op.controls.empty());
}

TEST_CASE("estimates are unbiased and state their errors", "[estimates]") {
  Dice dice(3);
  const int n = 4;
  const State<double> state = random_state(n, dice);
  Matrix hermitian = Matrix::Random(4, 4);
  hermitian = (hermitian + hermitian.adjoint()).eval();
  const std::vector<Observable> observables{random_sum(n, 12, dice), random_sum(n, 7, dice),
                                            qsim::MatrixObservable(hermitian, {2, 0})};
  const auto exact = qsim::expectations<double>(observables, state);
  for (const Grouping grouping : {Grouping::kNone, Grouping::kQubitwise, Grouping::kFull}) {
    const MeasurementPlan plan(observables, n, grouping);
    for (const std::int64_t each : {5, 40}) {  // shot by shot, and by counts
      const std::vector<std::int64_t> shots(plan.n_settings(), each);
      constexpr int kRounds = 4000;
      std::vector<double> sum(3, 0.0);
      std::vector<double> square(3, 0.0);
      std::vector<double> stated(3, 0.0);
      for (int round = 0; round < kRounds; ++round) {
        Random random(17, static_cast<std::uint64_t>(round));
        const std::vector<Estimate> estimates = plan.estimate(state, shots, random);
        for (std::size_t k = 0; k < 3; ++k) {
          const double off = estimates[k].mean - exact[k];
          sum[k] += off;
          square[k] += off * off;
          stated[k] += estimates[k].variance;
        }
      }
      for (std::size_t k = 0; k < 3; ++k) {
        const double sigma = std::sqrt(square[k] / kRounds);
        CHECK(std::abs(sum[k] / kRounds) < 4.5 * sigma / std::sqrt(kRounds));
        CHECK(std::abs(stated[k] / square[k] - 1) < 0.15);
      }
    }
  }
}

TEST_CASE("no shots at all are exact, some missing are refused", "[estimates]") {
  Dice dice(4);
  const State<double> state = random_state(3, dice);
  const std::vector<Observable> observables{random_sum(3, 9, dice)};
  const MeasurementPlan plan(observables, 3, Grouping::kFull);
  std::vector<std::int64_t> shots(plan.n_settings(), 0);
  Random random(1);
  const Estimate estimate = plan.estimate(state, shots, random).front();
  CHECK(estimate.mean == qsim::expectation(observables[0], state));
  CHECK(estimate.variance == 0);
  shots[0] = 1;
  if (shots.size() > 1) CHECK_THROWS_AS(plan.estimate(state, shots, random), ValueError);
  shots.push_back(1);
  CHECK_THROWS_AS(plan.estimate(state, shots, random), ValueError);
  CHECK_THROWS_AS(MeasurementPlan(observables, 2, Grouping::kNone), ValueError);
}

TEST_CASE("shadows estimate Pauli sums", "[estimates]") {
  Dice dice(5);
  const int n = 3;
  const State<double> state = random_state(n, dice);
  const PauliSum sum = random_sum(n, 8, dice);
  const double exact = qsim::expectation<double>(sum, state);
  for (const std::int64_t groups : {1, 9}) {
    double stated = 0;
    double square = 0;
    double total = 0;
    constexpr int kRounds = 300;
    for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
      const auto shadow = qsim::classical_shadow(state, 900, seed);
      const Estimate estimate = qsim::shadow_expectation(shadow, sum, groups);
      total += estimate.mean - exact;
      square += (estimate.mean - exact) * (estimate.mean - exact);
      stated += estimate.variance;
    }
    CHECK(std::abs(total / kRounds) < 4.5 * std::sqrt(square / kRounds / kRounds));
    CHECK(std::abs(stated / square - 1) < 0.35);
  }
  CHECK_THROWS_AS(qsim::classical_shadow(state, 0, 1), ValueError);
  const auto shadow = qsim::classical_shadow(state, 10, 1);
  CHECK_THROWS_AS(qsim::shadow_expectation(shadow, sum, 11), ValueError);
  CHECK_THROWS_AS(qsim::shadow_expectation(shadow, random_sum(4, 3, dice)), ValueError);
}

TEST_CASE("shadows do not depend on threads or on their number", "[estimates]") {
  Dice dice(6);
  const State<float> state = [&] {
    const auto amplitudes = random_state(4, dice).amplitudes();
    const std::vector<std::complex<float>> single(amplitudes.begin(), amplitudes.end());
    return State<float>::from_amplitudes(single);
  }();
  const int before = qsim::num_threads();
  qsim::set_num_threads(1);
  const auto one = qsim::classical_shadow(state, 500, 7);
  qsim::set_num_threads(2);
  const auto two = qsim::classical_shadow(state, 200, 7);
  qsim::set_num_threads(before);
  for (std::size_t k = 0; k < two.size(); ++k) {
    CHECK(one.bases[k] == two.bases[k]);
    CHECK(one.outcomes[k] == two.outcomes[k]);
  }
}
