#include "qsim/observables/pauli_strings.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>

#include "qsim/core/parallel.h"
#include "qsim/observables/pauli_operator.h"
#include "qsim/observables/pauli_plan.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::bit;
using qsim::Index;
using qsim::PauliString;
using qsim::PauliTerm;
using qsim::State;
using reference::Complex;
using reference::Dice;
using reference::kTolerance;
using reference::to_state;
using reference::Vector;

// Tiles of one chunk and cosets of two, so that every edge runs on few qubits.
constexpr qsim::SweepSizes kSmall{.tile_bytes_bits = 0, .coset_bytes_bits = 0, .least_qubits = 1};
constexpr qsim::SweepSizes kMiddle{
    .tile_bytes_bits = 12, .coset_bytes_bits = 14, .least_qubits = 1};

// P v, letter by letter.
Vector apply(const PauliString& p, const Vector& v) {
  Vector out(v.size());
  for (Eigen::Index j = 0; j < v.size(); ++j) {
    Complex factor = 1;
    Index to = static_cast<Index>(j);
    for (int q = 0; bit(q) < static_cast<Index>(v.size()); ++q) {
      const bool one = qsim::has_bit(static_cast<Index>(j), q);
      const char letter = p.letter(q);
      if (letter == 'X' || letter == 'Y') to ^= bit(q);
      if (letter == 'Y') factor *= one ? -reference::kI : reference::kI;
      if (letter == 'Z' && one) factor = -factor;
    }
    out(static_cast<Eigen::Index>(to)) = factor * v(j);
  }
  return out;
}

std::vector<PauliTerm> random_terms(int n_qubits, int count, Dice& dice) {
  std::vector<PauliTerm> terms;
  const auto mask = [&] { return static_cast<Index>(dice.below(1 << n_qubits)); };
  for (int k = 0; k < count; ++k) terms.push_back({dice.uniform(-1, 1), {mask(), mask()}});
  return terms;
}

// `count` Z masks for each of a few X masks: more than a kernel takes at once for the last.
std::vector<PauliTerm> shared_terms(int n_qubits, Dice& dice) {
  std::vector<PauliTerm> terms;
  const auto mask = [&] { return static_cast<Index>(dice.below(1 << n_qubits)); };
  for (const int count : {1, 2, 3, 4, 9, 300}) {
    const Index x = count == 300 ? 0 : mask();
    for (int k = 0; k < count; ++k) terms.push_back({dice.uniform(-1, 1), {x, mask()}});
  }
  return terms;
}

template <class T>
void check(const std::vector<PauliTerm>& terms, const Vector& v, const qsim::SweepSizes& sizes) {
  const State<T> state = to_state<T>(v);
  const auto values = qsim::pauli_expectations<T>(terms, state, sizes);
  REQUIRE(values.size() == terms.size());
  Vector image = Vector::Zero(v.size());
  double worst = 0;
  double weight = 1;
  for (std::size_t k = 0; k < terms.size(); ++k) {
    const Vector pv = apply(terms[k].string, v);
    image += terms[k].coefficient * pv;
    weight += std::abs(terms[k].coefficient);
    worst = reference::larger(worst, std::abs(values[k] - v.dot(pv).real()));
  }
  CHECK(worst < kTolerance<T>);
  State<T> sum = state;
  const qsim::PauliOperator<T> product(terms, state.n_qubits(), sizes);
  product.accumulate(-0.7, state, sum);
  CHECK(reference::difference(sum, v - 0.7 * image) < weight * kTolerance<T>);
  CHECK(std::abs(product.image_norm2(state) - image.squaredNorm()) <
        weight * weight * kTolerance<T>);
}

template <class T>
void check_many(int n_qubits, const qsim::SweepSizes& sizes, std::uint64_t seed) {
  INFO(n_qubits << " qubits, " << sizeof(T) << " bytes");
  Dice dice(seed);
  const Vector v = dice.state(n_qubits);
  reference::for_each_configuration([&] {
    check<T>(random_terms(n_qubits, 40, dice), v, sizes);
    check<T>(shared_terms(n_qubits, dice), v, sizes);
    check<T>(random_terms(n_qubits, 1, dice), v, sizes);
    check<T>({}, v, sizes);
  });
}

// Adds up |image|² in the end.
template <class T>
qsim::ImageHooks squares(const State<T>& image) {
  return {.after = [&image](qsim::Stretch stretch) {
    double sum = 0;
    for (Index i = stretch.start; i < stretch.start + bit(stretch.bits); ++i) {
      if (i < image.size()) sum += std::norm(std::complex<double>(image.get(i)));
    }
    return sum;
  }};
}

// An image on top of what `before` puts there, and its norm, for a state in tiles and whole.
template <class T>
void check_hooks(int n_qubits, const qsim::SweepSizes& sizes, Dice& dice) {
  INFO(n_qubits << " qubits, " << sizeof(T) << " bytes");
  const Vector v = dice.state(n_qubits);
  const State<T> state = to_state<T>(v);
  for (const int count : {1, 12}) {
    const auto terms = random_terms(n_qubits, count, dice);
    State<T> image(n_qubits);
    qsim::ImageHooks hooks = squares(image);
    hooks.before = [&](qsim::Stretch stretch) {
      for (Index i = stretch.start; i < stretch.start + bit(stretch.bits); ++i) {
        image.set(i, i < state.size() ? T(3) * state.get(i) : 0);
      }
    };
    const qsim::PauliOperator<T> product(terms, n_qubits, sizes);
    const double norm2 = product.accumulate(0.5, state, image, hooks);
    Vector expected = 3 * v;
    for (const auto& [c, string] : terms) expected += 0.5 * c * apply(string, v);
    CHECK(reference::difference(image, expected) < 10 * kTolerance<T>);
    CHECK(std::abs(norm2 - expected.squaredNorm()) < 100 * kTolerance<T>);
  }
}

}  // namespace

TEST_CASE("what is done before and after a product is done to every amplitude once",
          "[pauli_strings]") {
  Dice dice(10);
  for (const int n : {1, 2, 6, 10}) {
    check_hooks<float>(n, kSmall, dice);
    check_hooks<double>(n, kSmall, dice);
  }
  check_hooks<float>(16, {}, dice);
  check_hooks<double>(16, {}, dice);
  check_hooks<double>(16, {.least_qubits = 17}, dice);
}

TEST_CASE("many Pauli strings agree with dense algebra", "[pauli_strings]") {
  for (int n = 4; n <= 10; ++n) {
    check_many<float>(n, kSmall, 1);
    check_many<double>(n, kSmall, 2);
  }
  check_many<float>(11, kMiddle, 3);
  check_many<double>(11, kMiddle, 4);
}

TEST_CASE("many Pauli strings on a state of many tiles", "[pauli_strings]") {
  check_many<float>(14, {}, 5);
  check_many<double>(14, {}, 6);
}

TEST_CASE("every letter on every qubit, alone and beside a neighbour", "[pauli_strings]") {
  constexpr int kQubits = 10;
  Dice dice(7);
  const Vector v = dice.state(kQubits);
  std::vector<PauliTerm> terms;
  for (int q = 0; q < kQubits; ++q) {
    for (Index x = 0; x < 2; ++x) {
      for (Index z = 0; z < 2; ++z) {
        const PauliString one{x << q, z << q};
        terms.push_back({dice.uniform(-1, 1), one});
        terms.push_back({1, {one.x | bit((q + 1) % kQubits), one.z}});
        terms.push_back({1, {one.x | bit((q + 3) % kQubits), one.z | bit((q + 3) % kQubits)}});
      }
    }
  }
  reference::for_each_configuration([&] {
    check<float>(terms, v, kSmall);
    check<double>(terms, v, kSmall);
  });
}

TEST_CASE("Pauli sums have the same bits for any number of threads", "[pauli_strings]") {
  constexpr int kQubits = 17;
  Dice dice(8);
  const State<float> state = to_state<float>(dice.state(kQubits));
  const auto terms = random_terms(kQubits, 30, dice);
  const auto results = [&](int threads) {
    qsim::set_num_threads(threads);
    std::vector<double> out = qsim::pauli_expectations<float>(terms, state);
    const qsim::PauliOperator<float> product(terms, kQubits);
    out.push_back(product.image_norm2(state));
    State<float> image = state;
    out.push_back(product.accumulate(0.3, state, image, squares(image)));
    for (const auto& a : image.amplitudes()) out.insert(out.end(), {a.real(), a.imag()});
    return out;
  };
  const auto one = results(1);
  for (const int threads : {2, 3, 7}) {
    const auto more = results(threads);
    CHECK(std::memcmp(one.data(), more.data(), one.size() * sizeof(double)) == 0);
  }
  qsim::set_num_threads(0);
}

TEST_CASE("a plan holds every string once, in groups whose spans hold their masks",
          "[pauli_strings]") {
  constexpr int kQubits = 16;
  constexpr int kTileBits = 8;
  Dice dice(9);
  auto terms = random_terms(kQubits, 300, dice);
  for (int k = 0; k < 200; ++k) terms.push_back({1.0, {0, static_cast<Index>(k)}});
  const qsim::PauliPlan plan = qsim::plan_paulis(terms);
  std::vector<std::size_t> from = plan.from;
  std::sort(from.begin(), from.end());
  for (std::size_t k = 0; k < from.size(); ++k) CHECK(from[k] == k);
  std::vector<int> seen(terms.size());
  for (const auto& group : qsim::group_classes(plan.classes, kTileBits, 4)) {
    REQUIRE(group.tiles.size() <= 16);
    REQUIRE(group.tiles.size() == bit(std::popcount(group.pivots)));
    std::vector<int> visited(bit(kQubits - kTileBits));  // every tile in one coset
    for (Index k = 0; k < group.coset_count(kQubits - kTileBits); ++k) {
      for (const Index tile : group.tiles) ++visited.at(group.coset_start(k) ^ tile);
    }
    CHECK(std::all_of(visited.begin(), visited.end(), [](int n) { return n == 1; }));
    for (const auto& cls : group.classes) {
      CHECK(std::binary_search(group.tiles.begin(), group.tiles.end(), cls.x >> kTileBits));
      CHECK(cls.count <= qsim::kMostStrings);
      for (std::size_t k = cls.first; k < cls.first + cls.count; ++k) {
        ++seen.at(k);
        CHECK(plan.terms[k].string == terms[plan.from[k]].string);
        CHECK((plan.terms[k].string.x == cls.x && plan.z[k] == plan.terms[k].string.z &&
               qsim::has_odd_ys(plan.terms[k].string) == cls.odd));
      }
    }
  }
  CHECK(std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; }));
}
