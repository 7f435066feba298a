#include "qsim/state/state.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/core/parallel.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Index;
using qsim::IndexError;
using qsim::Qubit;
using qsim::Random;
using qsim::State;
using qsim::ValueError;
using reference::contains;
using reference::Dice;
using reference::error_of;
using reference::kTolerance;
using reference::to_state;
using reference::Vector;

// The body throws E, its text has the part, and the state is as it was.
template <class E, class T, class Body>
void check_refused(State<T>& state, std::string_view part, const Body& body) {
  const auto before = state.amplitudes();
  const std::string text = error_of<E>(body);
  INFO(text);
  CHECK(contains(text, part));
  CHECK(state.amplitudes() == before);
}

// The distribution over `qubits`, by definition.
std::vector<double> marginal(const Vector& state, const std::vector<Qubit>& qubits) {
  std::vector<double> out(std::size_t{1} << qubits.size());
  for (Eigen::Index i = 0; i < state.size(); ++i) {
    std::size_t outcome = 0;
    for (std::size_t k = 0; k < qubits.size(); ++k) {
      outcome += static_cast<std::size_t>((i >> qubits[k]) & 1) << k;
    }
    out[outcome] += std::norm(state(i));
  }
  return out;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return INFINITY;
  double worst = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    worst = reference::larger(worst, std::abs(a[k] - b[k]));
  return worst;
}

// The state after qubit `q` was found to be `value`.
Vector collapsed(Vector state, Qubit q, bool value) {
  for (Eigen::Index i = 0; i < state.size(); ++i) {
    if (((i >> q) & 1) != Eigen::Index{value}) state(i) = 0;
  }
  return state / state.norm();
}

template <class T>
void check_basis_states() {
  for (int n = 1; n <= 6; ++n) {
    State<T> state(n);
    CHECK(state.n_qubits() == n);
    CHECK(state.size() == Index{1} << n);
    CHECK(state.amplitude(0) == std::complex<T>(1));
    for (Index i = 0; i < state.size(); ++i) {
      state.set_basis(i);
      CHECK(state.amplitude(i) == std::complex<T>(1));
      CHECK(state.norm() == 1);
    }
    check_refused<IndexError>(state, std::to_string(state.size()),
                              [&] { state.set_basis(state.size()); });
    CHECK_THROWS_AS(state.amplitude(state.size()), IndexError);
  }
}

template <class T>
void check_amplitudes() {
  for (int n = 1; n <= 6; ++n) {
    Dice dice(static_cast<std::uint64_t>(n));
    std::vector<std::complex<T>> in;
    for (const reference::Complex& a : dice.state(n)) in.emplace_back(a);
    const auto state = State<T>::from_amplitudes(in);
    CHECK(state.n_qubits() == n);
    CHECK(state.amplitudes() == in);
    for (std::size_t i = 0; i < in.size(); ++i) CHECK(state.amplitude(i) == in[i]);
    std::vector<std::complex<T>> middle(in.size() - 1);
    state.copy_amplitudes(1, middle);
    CHECK(std::equal(middle.begin(), middle.end(), in.begin() + 1));
    CHECK_THROWS_AS(state.copy_amplitudes(2, middle), IndexError);
    CHECK_THROWS_AS(state.copy_amplitudes(~Index{0}, middle), IndexError);
    CHECK(state.norm() == Approx(1).margin(1e-6));
  }
}

template <class T>
void check_inner_products() {
  for (int n = 1; n <= 6; ++n) {
    Dice dice(static_cast<std::uint64_t>(10 + n));
    const Vector a = dice.state(n);
    const Vector b = dice.state(n);
    reference::for_each_target([&] {
      const reference::Complex got = to_state<T>(a).inner(to_state<T>(b));
      CHECK(std::abs(got - a.dot(b)) < kTolerance<T>);  // conjugates the left side
    });
  }
}

template <class T>
void check_probabilities() {
  Dice dice(20);
  const Vector v = dice.state(4);
  const State<T> state = to_state<T>(v);
  CHECK(distance(state.probabilities(), marginal(v, {0, 1, 2, 3})) < kTolerance<T>);
  for (int k = 1; k <= 4; ++k) {
    for (const auto& qubits : reference::arrangements(k, 4)) {
      CHECK(distance(state.probabilities(qubits), marginal(v, qubits)) < kTolerance<T>);
    }
  }
  CHECK_THROWS_AS(state.probabilities({{4}}), IndexError);
  CHECK_THROWS_AS(state.probabilities({{-1}}), IndexError);
  CHECK_THROWS_AS(state.probabilities({{1, 1}}), ValueError);
}

// More qubits than a tile of the sum has, in any order.
template <class T>
void check_wide_probabilities() {
  constexpr int kQubits = 16;
  Dice dice(21);
  const Vector v = dice.state(kQubits);
  const State<T> state = to_state<T>(v);
  std::vector<Qubit> all(kQubits);
  std::iota(all.begin(), all.end(), 0);
  CHECK(distance(state.probabilities(), marginal(v, all)) < kTolerance<T>);
  for (const int k : {1, 2, 3, 5, 8, 13, 15, 16}) {
    const auto qubits = dice.qubits(k, kQubits);
    CHECK(distance(state.probabilities(qubits), marginal(v, qubits)) < kTolerance<T>);
  }
  for (Qubit q = 0; q < kQubits; ++q) {
    CHECK(distance(state.probabilities({{q}}), marginal(v, {q})) < kTolerance<T>);
  }
  qsim::set_num_threads(1);
  const auto one = state.probabilities({{12, 3, 15}});
  const auto shots = state.sample(50'000, 3);
  for (const int threads : {2, 3}) {
    qsim::set_num_threads(threads);
    CHECK(state.probabilities({{12, 3, 15}}) == one);
    CHECK(state.sample(50'000, 3) == shots);
  }
  qsim::set_num_threads(0);
}

// Shot k is where the cumulative distribution passes the k-th draw.
template <class T>
void check_shots_by_definition(const State<T>& state, std::int64_t shots) {
  std::vector<double> sums = state.probabilities();
  std::partial_sum(sums.begin(), sums.end(), sums.begin());
  const auto drawn = state.sample(shots, 9);
  Random random(9);
  int different = 0;
  for (const Index outcome : drawn) {
    const double value = random.uniform() * sums.back();
    const auto at = std::upper_bound(sums.begin(), sums.end(), value);
    different += outcome != static_cast<Index>(at - sums.begin());
  }
  CHECK(different <= 1);  // where rounding decides
}

template <class T>
void check_projections() {
  for (int n = 1; n <= 5; ++n) {
    Dice dice(static_cast<std::uint64_t>(30 + n));
    const Vector v = dice.state(n);
    for (Qubit q = 0; q < n; ++q) {
      const auto p = marginal(v, {q});
      for (const bool value : {false, true}) {
        State<T> state = to_state<T>(v);
        CHECK(state.project(q, value) == Approx(p[value ? 1 : 0]).margin(kTolerance<T>));
        CHECK(reference::difference(state, collapsed(v, q, value)) < kTolerance<T>);
        check_refused<ValueError>(state, "probability 0", [&] { state.project(q, !value); });
      }
    }
  }
}

template <class T>
void check_refused_amplitudes() {
  using Amplitudes = std::vector<std::complex<T>>;
  State<T> state = to_state<T>(Dice(1).state(2));
  const auto set = [&state](Amplitudes a) { return [&state, a] { state.set_amplitudes(a); }; };
  const T nan = std::numeric_limits<T>::quiet_NaN();
  check_refused<ValueError>(state, "norm", set({1, 1, 0, 0}));
  check_refused<ValueError>(state, "norm", set({0, 0, 0, 0}));
  check_refused<ValueError>(state, "amplitude 1", set({1, nan, 0, 0}));
  check_refused<ValueError>(state, "amplitude 2", set({1, 0, {0, nan}, 0}));
  check_refused<ValueError>(state, "inf", set({std::numeric_limits<T>::infinity(), 0, 0, 0}));
  check_refused<ValueError>(state, "got 2", set({1, 0}));
  check_refused<ValueError>(state, "got 0", set({}));
  const auto make = [](const Amplitudes& a) {
    return error_of<ValueError>([&] { (void)State<T>::from_amplitudes(a); });
  };
  CHECK(contains(make({}), "power of two"));
  CHECK(contains(make({1}), "power of two"));
  CHECK(contains(make({1, 0, 0}), "3"));
  CHECK(contains(make({1, 1}), "norm"));
}

template <class T>
void check_copies() {
  const State<T> a = to_state<T>(Dice(1).state(5));
  State<T> b = a;
  CHECK(b.amplitudes() == a.amplitudes());
  b.set_basis(3);
  CHECK(a.amplitude(3) != std::complex<T>(1));
  State<T> c(2);
  c = a;
  CHECK(c.n_qubits() == 5);
  CHECK(c.amplitudes() == a.amplitudes());
  const State<T>& same = c;
  c = same;
  CHECK(c.amplitudes() == a.amplitudes());
  const State<T> moved = std::move(c);
  CHECK(moved.amplitudes() == a.amplitudes());
}

double chi_square(const std::vector<Index>& shots, const std::vector<double>& p) {
  std::vector<double> counts(p.size());
  for (const Index outcome : shots) ++counts.at(outcome);
  double out = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double expected = p[i] * static_cast<double>(shots.size());
    out += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  return out;
}

// The mean of chi-square is the degrees of freedom, its variance twice that.
template <class T>
void check_sampling() {
  const Vector v = Dice(1).state(4);
  const State<T> state = to_state<T>(v);
  const auto shots = state.sample(1'000'000, 7);
  CHECK(shots.size() == 1'000'000);
  CHECK(chi_square(shots, marginal(v, {0, 1, 2, 3})) < 15 + 5 * std::sqrt(30.0));
  CHECK(state.sample(1000, 7) == std::vector<Index>(shots.begin(), shots.begin() + 1000));
  CHECK(state.sample(1000, 8) != state.sample(1000, 7));
}

}  // namespace

TEST_CASE("a state starts in |0...0> and takes any basis state", "[state]") {
  check_basis_states<float>();
  check_basis_states<double>();
}

TEST_CASE("amplitudes come out as they went in", "[state]") {
  check_amplitudes<float>();
  check_amplitudes<double>();
}

TEST_CASE("inner products agree with dense algebra", "[state]") {
  check_inner_products<float>();
  check_inner_products<double>();
  const State<double> two(2);
  CHECK_THROWS_AS(two.inner(State<double>(3)), ValueError);
}

TEST_CASE("probabilities of any qubits in any order", "[state]") {
  check_probabilities<float>();
  check_probabilities<double>();
}

TEST_CASE("probabilities and shots of wide states", "[state]") {
  check_wide_probabilities<float>();
  check_wide_probabilities<double>();
}

TEST_CASE("shots follow from their draws by definition", "[state]") {
  for (const int n : {1, 2, 4, 9, 10, 11, 15}) {
    const Vector v = Dice(22).state(n);
    check_shots_by_definition(to_state<float>(v), 20'000);
    check_shots_by_definition(to_state<double>(v), 20'000);
  }
  constexpr int kQubits = 14;  // all weight in two places, and next to none elsewhere
  Vector v = Dice(23).state(kQubits) * 1e-9;
  v(0) = v(v.size() - 1) = std::sqrt(0.5);
  check_shots_by_definition(to_state<double>(v), 20'000);
  v.setZero();
  v(0) = v(v.size() - 1) = std::sqrt(0.5);
  const auto shots = to_state<float>(v).sample(10'000, 1);
  const auto last = static_cast<Index>(v.size() - 1);
  CHECK(std::all_of(shots.begin(), shots.end(), [&](Index i) { return i == 0 || i == last; }));
  CHECK(std::abs(std::count(shots.begin(), shots.end(), Index{0}) - 5000) < 250);
}

TEST_CASE("the order of qubits in a marginal", "[state]") {
  State<double> state(3);
  state.set_basis(0b100);
  CHECK(state.probabilities({{2, 0}}) == std::vector<double>{0, 1, 0, 0});
  CHECK(state.probabilities({{0, 2}}) == std::vector<double>{0, 0, 1, 0});
}

TEST_CASE("projection collapses and gives the probability", "[state]") {
  check_projections<float>();
  check_projections<double>();
  State<double> state(2);
  check_refused<IndexError>(state, "qubit 2", [&] { state.project(2, false); });
  check_refused<IndexError>(state, "qubit -1", [&] { state.project(-1, false); });
}

TEST_CASE("refused amplitudes leave the state as it was", "[state]") {
  check_refused_amplitudes<float>();
  check_refused_amplitudes<double>();
}

TEST_CASE("copies are independent", "[state]") {
  check_copies<float>();
  check_copies<double>();
}

TEST_CASE("a million shots follow the distribution", "[state]") {
  check_sampling<float>();
  check_sampling<double>();
}

TEST_CASE("impossible outcomes are never drawn", "[state]") {
  State<double> state(3);
  state.set_basis(5);
  const auto shots = state.sample(10'000, 1);
  CHECK(std::all_of(shots.begin(), shots.end(), [](Index i) { return i == 5; }));
}

TEST_CASE("the number of shots is at least one", "[state]") {
  const State<double> state(2);
  CHECK(contains(error_of<ValueError>([&] { (void)state.sample(0, 1); }), "0"));
  CHECK(contains(error_of<ValueError>([&] { (void)state.sample(-5, 1); }), "-5"));
}

TEST_CASE("more shots than the memory holds are refused before they are drawn", "[state]") {
  const State<double> state(2);
  const std::int64_t shots = 1'000'000'000'000'000;
  CHECK(contains(error_of<qsim::MemoryError>([&] { (void)state.sample(shots, 1); }),
                 std::to_string(shots)));
  CHECK_THROWS_AS(state.sample(std::numeric_limits<std::int64_t>::max(), 1), qsim::MemoryError);
}

TEST_CASE("measurement collapses the state", "[state]") {
  Dice dice(2);
  const Vector v = dice.state(4);
  for (Qubit q = 0; q < 4; ++q) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      Random random(seed);
      State<double> state = to_state<double>(v);
      const bool value = state.measure(q, random);
      CHECK(reference::difference(state, collapsed(v, q, value)) < 1e-12);
      CHECK(state.measure(q, random) == value);
    }
  }
}

TEST_CASE("measurement outcomes follow the distribution", "[state]") {
  constexpr int kRuns = 4'000;
  const Vector v = Dice(3).state(2);
  const State<double> start = to_state<double>(v);
  State<double> state = start;
  Random random(4);
  std::array<int, 4> counts{};
  for (int k = 0; k < kRuns; ++k) {
    state = start;
    const std::size_t high = state.measure(1, random) ? 2 : 0;
    ++counts.at(high + (state.measure(0, random) ? 1 : 0));
  }
  const auto p = marginal(v, {0, 1});
  double chi = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    chi += std::pow(counts.at(i) - kRuns * p[i], 2) / (kRuns * p[i]);
  }
  CHECK(chi < 3 + 5 * std::sqrt(6.0));
}

TEST_CASE("measurements of a definite qubit are certain", "[state]") {
  State<double> state(2);
  Random random(1);
  for (int k = 0; k < 100; ++k) {
    CHECK_FALSE(state.measure(0, random));
    state.set_basis(3);
    CHECK(state.measure(1, random));
    state.set_basis(0);
  }
  check_refused<IndexError>(state, "qubit 5", [&] { state.measure(5, random); });
}

TEST_CASE("a seed gives the same measurements", "[state]") {
  const State<double> start = to_state<double>(Dice(5).state(3));
  const auto run = [&start](std::uint64_t seed) {
    Random random(seed);
    std::vector<bool> out;
    for (int k = 0; k < 30; ++k) {
      State<double> state = start;
      out.push_back(state.measure(k % 3, random));
    }
    return out;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

TEST_CASE("states have 1 to 62 qubits", "[state]") {
  for (const int n : {0, -1, 63, 1000}) {
    CHECK(contains(error_of<ValueError>([n] { State<double> state(n); }), std::to_string(n)));
    CHECK_THROWS_AS(State<float>(n), ValueError);
  }
}

TEST_CASE("a state larger than the memory is refused before it is allocated", "[state]") {
  const std::string text = error_of<qsim::MemoryError>([] { State<double> state(40); });
  INFO(text);
  CHECK(contains(text, "40-qubit"));
  CHECK(contains(text, "17592186044416 bytes"));
  CHECK(contains(text, "16 TiB"));
  CHECK(contains(error_of<qsim::MemoryError>([] { State<float> state(40); }), "8796093022208"));
  CHECK_THROWS_AS(State<double>(62), qsim::MemoryError);
  if (static_cast<double>(qsim::available_memory()) < State<double>::bytes(34)) {
    CHECK(contains(error_of<qsim::MemoryError>([] { State<double> state(34); }), "274877906944"));
  }
}

TEST_CASE("the bytes of no possible state are not told", "[state]") {
  for (const int n : {0, 64, 1'000'000}) CHECK_THROWS_AS(State<double>::bytes(n), ValueError);
}

TEST_CASE("the bytes of a state, with the padding of small ones", "[state]") {
  CHECK(State<double>::bytes(20) == 16.0 * (1 << 20));
  CHECK(State<float>::bytes(20) == 8.0 * (1 << 20));
  CHECK(State<double>::bytes(1) == 128);
  CHECK(State<float>::bytes(1) == 128);
}
