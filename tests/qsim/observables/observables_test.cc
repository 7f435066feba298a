#include <Eigen/Eigenvalues>

#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "qsim/observables/expectation.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::MatrixObservable;
using qsim::Observable;
using qsim::PauliSum;
using qsim::Random;
using qsim::State;
using qsim::ValueError;
using reference::Dice;
using reference::kTolerance;
using reference::Matrix;
using reference::to_state;
using reference::Vector;

double mean(const Matrix& o, const Vector& v) { return v.dot(o * v).real(); }

double spread(const Matrix& o, const Vector& v) {
  return (o * v).squaredNorm() - std::pow(mean(o, v), 2);
}

// Expectation, variance and accumulate against dense algebra, in units of the tolerance.
template <class T>
double error(const Observable& observable, const Vector& v) {
  int n_qubits = 0;
  while (Eigen::Index{1} << n_qubits < v.size()) ++n_qubits;
  const Matrix o = reference::observable(observable, n_qubits);
  const State<T> state = to_state<T>(v);
  State<T> sum = state;
  qsim::accumulate(observable, -0.7, state, sum);
  State<T> offset = state;
  qsim::accumulate(observable, 0.5, state, offset, -0.4);
  const Vector about = o * v - 0.3 * v;
  const double scale = std::max(1.0, o.norm());
  return std::max(
             {std::abs(qsim::expectation(observable, state) - mean(o, v)),
              std::abs(qsim::variance(observable, state) - spread(o, v)) / scale,
              std::abs(qsim::second_moment(observable, state, 0.3) - about.squaredNorm()) / scale,
              reference::difference(sum, v - 0.7 * o * v),
              reference::difference(offset, 1.2 * v + 0.5 * o * v)}) /
         (scale * kTolerance<T>);
}

void check(const Observable& observable, const Vector& v) {
  reference::for_each_target([&] {
    CHECK(error<float>(observable, v) < 1);
    CHECK(error<double>(observable, v) < 1);
  });
}

PauliSum random_sum(int n_qubits, int n_terms, Dice& dice) {
  std::vector<qsim::PauliTerm> terms;
  for (int k = 0; k < n_terms; ++k) {
    qsim::PauliString string;
    string.x = static_cast<qsim::Index>(dice.below(1 << n_qubits));
    string.z = static_cast<qsim::Index>(dice.below(1 << n_qubits));
    terms.push_back({dice.uniform(-2, 2), string});
  }
  return {n_qubits, std::move(terms)};
}

Eigen::VectorXd spectrum(const PauliSum& sum) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(sum.matrix()).eigenvalues();
}

double ground_energy(const PauliSum& sum) { return spectrum(sum)(0); }

PauliSum chain(int n_qubits, bool periodic, const std::vector<std::string>& pairs, double coupling,
               double field) {
  std::string text = "0";
  for (int q = 0; q < n_qubits - (periodic ? 0 : 1); ++q) {
    const int next = (q + 1) % n_qubits;
    for (const std::string& letter : pairs) {
      text += " + " + letter + std::to_string(q) + " " + letter + std::to_string(next);
    }
  }
  const PauliSum couplings = PauliSum::parse(text, n_qubits) * coupling;
  if (field == 0) return couplings;
  text = "0";
  for (int q = 0; q < n_qubits; ++q) text += " + X" + std::to_string(q);
  return couplings + PauliSum::parse(text, n_qubits) * field;
}

PauliSum dense_sum(const std::vector<std::pair<double, std::string>>& terms) {
  PauliSum out = PauliSum::parse(terms.front().second) * terms.front().first;
  for (std::size_t k = 1; k < terms.size(); ++k) {
    out = out + PauliSum::parse(terms[k].second) * terms[k].first;
  }
  return out;
}

}  // namespace

TEST_CASE("every Pauli string agrees with dense algebra", "[observables]") {
  for (int n = 1; n <= 3; ++n) {
    const Vector v = Dice(static_cast<std::uint64_t>(n)).state(n);
    for (qsim::Index x = 0; x < qsim::bit(n); ++x) {
      for (qsim::Index z = 0; z < qsim::bit(n); ++z) {
        check(PauliSum(n, {{1.0, {x, z}}}), v);
      }
    }
  }
}

TEST_CASE("Pauli sums agree with dense algebra", "[observables]") {
  Dice dice(10);
  for (int n = 1; n <= 7; ++n) {
    check(random_sum(n, 10, dice), dice.state(n));
    check(random_sum(n, 10, dice), dice.state(7));  // over fewer qubits than the state
  }
}

TEST_CASE("matrices on all arrangements of qubits agree with dense algebra", "[observables]") {
  Dice dice(11);
  for (int n = 1; n <= 5; ++n) {
    const Vector v = dice.state(n);
    for (int k = 1; k <= std::min(n, 3); ++k) {
      const Matrix h = dice.hermitian(k);
      for (const auto& qubits : reference::arrangements(k, n)) {
        check(MatrixObservable(h, qubits), v);
      }
    }
  }
}

TEST_CASE("matrices on wide states, gathered in tiles, agree with dense algebra", "[observables]") {
  constexpr int kQubits = 15;
  Dice dice(12);
  const Vector v = dice.state(kQubits);
  for (const auto& qubits : std::vector<std::vector<int>>{
           {0}, {14}, {13, 2}, {12, 14, 13}, {14, 1, 12}, {5, 14, 11, 13, 12}}) {
    const int k = static_cast<int>(qubits.size());
    const Matrix h = dice.hermitian(k);
    const MatrixObservable observable(h, qubits);
    const Vector image = reference::apply(h, qubits, {}, v);
    const double scale = std::max(1.0, h.norm());
    reference::for_each_configuration([&] {
      const State<double> state = to_state<double>(v);
      const double expected = v.dot(image).real();
      CHECK(std::abs(qsim::expectation(observable, state) - expected) < 1e-12 * scale);
      CHECK(std::abs(qsim::second_moment(observable, state, 0.3) -
                     (image - 0.3 * v).squaredNorm()) < 1e-12 * scale * scale);
      State<double> sum = state;
      qsim::accumulate(observable, 0.5, state, sum, -0.4);
      CHECK(reference::difference(sum, 1.2 * v + 0.5 * image) < 1e-12 * scale);
      Random random(1);
      const double sampled = qsim::sampled_expectation(observable, state, 1'000'000, random);
      CHECK(std::abs(sampled - expected) < 5e-3 * scale);
    });
  }
}

TEST_CASE("the variance of an eigenstate is zero and never negative", "[observables]") {
  const State<double> zero(4);
  const double v = qsim::variance(PauliSum::parse("1000 * Z0 Z1 + 3 * Z2"), zero);
  CHECK(v >= 0);
  CHECK(v < 1e-12);
}

TEST_CASE("several observables at once have the values of each", "[observables]") {
  for (const int n : {3, 13}) {
    Dice dice(18);
    const State<double> state = to_state<double>(dice.state(n));
    const std::vector<Observable> observables = {
        random_sum(n, 20, dice), MatrixObservable(dice.hermitian(2), {n - 1, 0}),
        PauliSum::parse("2.5"), PauliSum::parse("Z0 + 3 - X1 Y2"), random_sum(n, 5, dice)};
    const auto values = qsim::expectations<double>(observables, state);
    REQUIRE(values.size() == observables.size());
    for (std::size_t k = 0; k < values.size(); ++k) {
      CHECK(std::abs(values[k] - qsim::expectation(observables[k], state)) < 1e-12);
    }
  }
}

TEST_CASE("observables over more qubits than the state are refused", "[observables]") {
  const State<double> state(2);
  Random random(1);
  for (const Observable& observable :
       {Observable(PauliSum::parse("ZII")),
        Observable(MatrixObservable(qsim::Matrix::Identity(2, 2), {2}))}) {
    CHECK_THROWS_AS(qsim::expectation(observable, state), ValueError);
    CHECK_THROWS_AS(qsim::variance(observable, state), ValueError);
    CHECK_THROWS_AS(qsim::sampled_expectation(observable, state, 10, random), ValueError);
  }
}

// H₂ at 0.735 Å in STO-3G, reduced to two qubits (O'Malley et al. 2016, arXiv:1512.06860).
TEST_CASE("the ground energy of H2 on two qubits", "[observables]") {
  const PauliSum h2 = dense_sum({{-1.052373245772859, "II"},
                                 {0.39793742484318045, "IZ"},
                                 {-0.39793742484318045, "ZI"},
                                 {-0.01128010425623538, "ZZ"},
                                 {0.18093119978423156, "XX"}});
  CHECK(ground_energy(h2) == Approx(-1.857275030).epsilon(0).margin(1e-8));
  CHECK(ground_energy(h2) + 0.7199689944 == Approx(-1.137306036).epsilon(0).margin(1e-8));
}

TEST_CASE("the ground energy of H2 on four qubits", "[observables]") {
  const PauliSum h2 = dense_sum({{-0.8105479816, "IIII"},
                                 {-0.2257534907, "ZIII"},
                                 {-0.2257534907, "IIZI"},
                                 {0.1721839321, "IZII"},
                                 {0.1721839321, "IIIZ"},
                                 {0.1209126324, "ZZII"},
                                 {0.1209126324, "IIZZ"},
                                 {0.1746434305, "ZIZI"},
                                 {0.1661454324, "IZZI"},
                                 {0.1661454324, "ZIIZ"},
                                 {0.1689275385, "IZIZ"},
                                 {0.0452328000, "XXXX"},
                                 {0.0452328000, "YYXX"},
                                 {0.0452328000, "XXYY"},
                                 {0.0452328000, "YYYY"}});
  CHECK(ground_energy(h2) == Approx(-1.857275027).epsilon(0).margin(5e-8));
  // Hartree–Fock: the best of the basis states with two electrons.
  State<double> hartree_fock(4);
  double best = 0;
  for (qsim::Index i = 0; i < hartree_fock.size(); ++i) {
    hartree_fock.set_basis(i);
    if (std::popcount(i) == 2) best = std::min(best, qsim::expectation(h2, hartree_fock));
  }
  CHECK(best + 0.7199689944 == Approx(-1.116998993).epsilon(0).margin(5e-8));
}

// Computed for this project by independent code.
TEST_CASE("the ground energies of spin chains", "[observables]") {
  struct Energies {
    int n_qubits;
    double open;
    double periodic;
    double heisenberg;
  };
  for (const auto& [n, open, periodic, heisenberg] :
       {Energies{4, -4.758770483, -5.226251860, -6.464101615},
        Energies{6, -7.296229811, -7.727406610, -9.974308536},
        Energies{8, -9.837951447, -10.251661791, -13.499730395}}) {
    INFO(n << " qubits");
    const auto close = [](double value) { return Approx(value).epsilon(0).margin(2e-9); };
    CHECK(ground_energy(chain(n, false, {"Z"}, -1, -1)) == close(open));
    CHECK(ground_energy(chain(n, true, {"Z"}, -1, -1)) == close(periodic));
    CHECK(ground_energy(chain(n, false, {"X", "Y", "Z"}, 1, 0)) == close(heisenberg));
  }
}

TEST_CASE("the expectation in the ground state is the ground energy", "[observables]") {
  const PauliSum h = chain(6, false, {"X", "Y", "Z"}, 1, 0.3);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(h.matrix());
  const State<double> ground = to_state<double>(solver.eigenvectors().col(0));
  CHECK(qsim::expectation(h, ground) == Approx(solver.eigenvalues()(0)));
  CHECK(qsim::variance(h, ground) < 1e-12);
}

TEST_CASE("sampled Pauli sums scatter about the expectation as they should", "[observables]") {
  constexpr std::int64_t kShots = 500;
  constexpr int kRepeats = 400;
  Dice dice(12);
  const Vector v = dice.state(3);
  const PauliSum sum = PauliSum::parse("0.5*Z0 Z1 - X2 + 1.25 + 0.3*Y1 Z2");
  double variance = 0;  // of one estimate: every string is measured on its own
  for (const auto& [c, string] : sum.terms()) {
    variance += c * c * spread(reference::pauli(string, 3), v) / kShots;
  }
  const State<double> state = to_state<double>(v);
  Random random(1);
  double total = 0;
  double squares = 0;
  const double exact = mean(reference::observable(sum, 3), v);
  for (int k = 0; k < kRepeats; ++k) {
    const double error = qsim::sampled_expectation(sum, state, kShots, random) - exact;
    total += error;
    squares += error * error;
  }
  CHECK(std::abs(total / kRepeats) < 5 * std::sqrt(variance / kRepeats));
  CHECK(squares / kRepeats == Approx(variance).epsilon(5 * std::sqrt(2.0 / kRepeats)));
}

TEST_CASE("sampled matrices scatter about the expectation as they should", "[observables]") {
  constexpr std::int64_t kShots = 500;
  constexpr int kRepeats = 400;
  Dice dice(13);
  const Vector v = dice.state(4);
  const MatrixObservable observable(dice.hermitian(2), {3, 1});
  const Matrix o = reference::observable(observable, 4);
  const double variance = spread(o, v) / kShots;
  const State<double> state = to_state<double>(v);
  Random random(2);
  double total = 0;
  double squares = 0;
  for (int k = 0; k < kRepeats; ++k) {
    const double error = qsim::sampled_expectation(observable, state, kShots, random) - mean(o, v);
    total += error;
    squares += error * error;
  }
  CHECK(std::abs(total / kRepeats) < 5 * std::sqrt(variance / kRepeats));
  CHECK(squares / kRepeats == Approx(variance).epsilon(5 * std::sqrt(2.0 / kRepeats)));
}

TEST_CASE("estimates know their variance", "[observables]") {
  constexpr int kRepeats = 2000;
  Dice dice(17);
  const Vector v = dice.state(3);
  const State<double> state = to_state<double>(v);
  const PauliSum sum = PauliSum::parse("0.5*Z0 Z1 - X2 + 1.25 + 0.3*Y1 Z2");
  const MatrixObservable matrix(dice.hermitian(2), {2, 0});
  std::vector<std::int64_t> shots;  // in the order of the terms
  double of_sum = 0;
  for (const auto& [c, string] : sum.terms()) {
    if (string.is_identity()) continue;
    shots.push_back(3 + 20 * static_cast<std::int64_t>(shots.size()));
    of_sum += c * c * spread(reference::pauli(string, 3), v) / static_cast<double>(shots.back());
  }
  const double of_matrix = spread(reference::observable(matrix, 3), v) / 5;
  Random random(6);
  const auto check = [&](const Observable& observable, const std::vector<std::int64_t>& n,
                         double variance) {
    double total = 0;
    double squares = 0;
    for (int k = 0; k < kRepeats; ++k) {
      const double estimate =
          qsim::estimate_expectation<double>(observable, state, n, random).variance;
      total += estimate;
      squares += estimate * estimate;
    }
    const double mean_estimate = total / kRepeats;
    const double scatter = squares / kRepeats - mean_estimate * mean_estimate;
    CHECK(std::abs(mean_estimate - variance) < 5 * std::sqrt(scatter / kRepeats));
  };
  check(sum, shots, of_sum);
  check(matrix, {5}, of_matrix);

  CHECK(qsim::setting_weights(PauliSum::parse("3 - 2*Z1 + 0.5*X0")).size() == 2);
  CHECK(qsim::setting_weights(matrix)[0] ==
        Approx((matrix.spectrum().eigenvalues.back() - matrix.spectrum().eigenvalues.front()) / 2));
  CHECK(std::isinf(
      qsim::estimate_expectation<double>(matrix, state, std::vector<std::int64_t>{1}, random)
          .variance));
  CHECK_THROWS_AS(
      qsim::estimate_expectation<double>(sum, state, std::vector<std::int64_t>{5}, random),
      ValueError);
}

TEST_CASE("sampled frequencies scatter as a multinomial does", "[observables]") {
  Dice dice(16);
  const State<double> state = to_state<double>(dice.state(3));
  const std::vector<double> p = state.probabilities();
  constexpr std::int64_t kShots = 100'000;
  Random random(5);
  const std::vector<double> f = qsim::sampled_probabilities(state, {}, kShots, random);
  REQUIRE(f.size() == p.size());
  double sum = 0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    CHECK(std::abs(f[k] - p[k]) <= 5 * std::sqrt(p[k] * (1 - p[k]) / kShots));
    sum += f[k];
  }
  CHECK(sum == Approx(1).epsilon(1e-14));
  State<float> basis(3);
  basis.set_basis(5);
  CHECK(qsim::sampled_probabilities(basis, {}, 7, random) ==
        std::vector<double>{0, 0, 0, 0, 0, 1, 0, 0});
  CHECK_THROWS_AS(qsim::sampled_probabilities(state, {}, 0, random), ValueError);
}

TEST_CASE("one shot gives an eigenvalue", "[observables]") {
  Dice dice(14);
  const State<float> state = to_state<float>(dice.state(3));
  const MatrixObservable observable(dice.hermitian(2), {2, 0});
  Random random(3);
  for (int k = 0; k < 50; ++k) {
    const double z = qsim::sampled_expectation(PauliSum::parse("ZXZ"), state, 1, random);
    CHECK(std::abs(z) == 1);
    const double value = qsim::sampled_expectation(observable, state, 1, random);
    const auto& all = observable.spectrum().eigenvalues;
    CHECK(std::find(all.begin(), all.end(), value) != all.end());
  }
}

TEST_CASE("samples in an eigenstate do not scatter", "[observables]") {
  Random random(4);
  State<double> state(3);
  state.set_basis(0b101);
  CHECK(qsim::sampled_expectation(PauliSum::parse("ZIZ"), state, 100, random) == 1);
  CHECK(qsim::sampled_expectation(PauliSum::parse("IIZ"), state, 100, random) == -1);
  CHECK(qsim::sampled_expectation(PauliSum::parse("2.5"), state, 1, random) == 2.5);
  qsim::Matrix diagonal = qsim::Matrix::Zero(4, 4);
  for (int k = 0; k < 4; ++k) diagonal(k, k) = 1.5 * k;
  const MatrixObservable number(diagonal, {2, 1});  // reads 0b01
  CHECK(qsim::sampled_expectation(number, state, 100, random) == Approx(1.5).epsilon(1e-14));
}

TEST_CASE("a seed gives the same samples", "[observables]") {
  Dice dice(15);
  const State<double> state = to_state<double>(dice.state(3));
  const Observable sum = random_sum(3, 5, dice);
  const Observable matrix = MatrixObservable(dice.hermitian(2), {0, 2});
  for (const Observable& observable : {sum, matrix}) {
    const auto draw = [&](std::uint64_t seed) {
      Random random(seed);
      return qsim::sampled_expectation(observable, state, 1000, random);
    };
    CHECK(draw(1) == draw(1));
    CHECK(draw(1) != draw(2));
  }
}

TEST_CASE("the number of shots is at least one here too", "[observables]") {
  const State<double> state(1);
  Random random(1);
  CHECK_THROWS_AS(qsim::sampled_expectation(PauliSum::parse("Z"), state, 0, random), ValueError);
  CHECK_THROWS_AS(qsim::sampled_expectation(PauliSum::parse("Z"), state, -1, random), ValueError);
}
