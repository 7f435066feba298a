#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "qsim/circuit/circuit.h"
#include "qsim/engines/execute.h"
#include "qsim/kernels/kernels.h"
#include "tests/bound.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/kernel_cases.h"

// Kernels one by one.

namespace {

using qsim::Index;
using qsim::Part;
using qsim::State;
using reference::Complex;
using reference::Dice;
using reference::kTolerance;
using reference::Matrix;
using reference::Place;
using reference::Vector;

// On every `stride`-th arrangement of targets; on every `controlled`-th of those under controls
// too.
template <class T>
void check_dense(int n_targets, int n_qubits, std::size_t stride, std::size_t controlled) {
  Dice dice(7);
  const Vector in = dice.state(n_qubits);
  const Matrix matrix = dice.unitary(n_targets);
  const auto entries = reference::row_by_row<T>(matrix);
  const auto arrangements = reference::arrangements(n_targets, n_qubits);
  reference::Worst worst;
  const auto check = [&](const Place& place) {
    const Vector expected = reference::apply(matrix, place.targets, place.controls, in);
    reference::for_each_target([&] {
      for (const Index parts : {Index{1}, Index{4}}) {
        State<T> state = reference::to_state<T>(in);
        const qsim::Site site = reference::site_of(place, state.storage());
        for (Index k = 0; k < parts; ++k) {
          qsim::kernels<T>().dense(state.data(), site, entries.data(), {k, parts});
        }
        worst.note(reference::difference(state, expected), kTolerance<T>,
                   [&] { return reference::describe(place); });
      }
    });
  };
  for (std::size_t k = 0; k < arrangements.size(); k += stride) {
    check({arrangements[k], {}});
    if (k / stride % controlled != 0) continue;
    const auto sets = reference::control_sets(arrangements[k], n_qubits);
    for (std::size_t c = 1; c < sets.size(); c += 5) check({arrangements[k], sets[c]});
  }
  worst.check();
}

template <class T>
void check_inner(int n_qubits) {
  Dice dice(4);
  const Vector a = dice.state(n_qubits);
  const Vector b = dice.state(n_qubits);
  const State<T> state_a = reference::to_state<T>(a);
  const State<T> state_b = reference::to_state<T>(b);
  const std::complex<T> factor(static_cast<T>(0.3), static_cast<T>(-0.8));
  State<T> out(n_qubits);
  reference::Worst worst;
  for (Index x = 0; x < qsim::bit(n_qubits); ++x) {
    for (Index z = 0; z < qsim::bit(n_qubits); ++z) {
      const qsim::PauliString string{x, z};
      const Vector pb = reference::pauli(string, n_qubits) * b;
      const Complex expected = a.dot(pb);
      const Vector sum = a + Complex(factor) * pb;
      const auto where = [&] { return string.text(n_qubits); };
      reference::for_each_target([&] {
        const Complex got =
            qsim::kernels<T>().inner(state_a.data(), state_b.data(), out.storage(), string, Part{});
        worst.note(std::abs(got - expected), kTolerance<T>, where);
        out = state_a;
        qsim::kernels<T>().accumulate(out.data(), state_b.data(), out.storage(), string, factor,
                                      Part{});
        worst.note(reference::difference(out, sum), kTolerance<T>, where);
      });
    }
  }
  worst.check();
}

// A random permutation matrix with phases; some rows may stay in place.
struct RandomPermutation {
  RandomPermutation(int n_targets, bool with_phases, Dice& dice)
      : source(std::size_t{1} << n_targets),
        matrix(Matrix::Zero(std::ssize(source), std::ssize(source))) {
    std::iota(source.begin(), source.end(), 0);
    for (std::size_t k = source.size(); k > 1; --k) {
      std::swap(source[k - 1], source[static_cast<std::size_t>(dice.below(static_cast<int>(k)))]);
    }
    for (std::size_t row = 0; row < source.size(); ++row) {
      entries.push_back(with_phases ? std::polar(1.0, dice.uniform(-3, 3)) : Complex(1));
      matrix(static_cast<Eigen::Index>(row), source[row]) = entries.back();
    }
  }
  std::vector<int> source;
  std::vector<Complex> entries;
  Matrix matrix;
};

template <class T>
double permutation_error(const RandomPermutation& permutation, const Place& place, const Vector& in,
                         State<T>& state) {
  std::vector<std::complex<T>> entries;
  for (const Complex& entry : permutation.entries) entries.emplace_back(entry);
  const qsim::Site site = reference::site_of(place, state.storage());
  reference::set(state, in);
  for (Index k = 0; k < 4; ++k) {
    qsim::kernels<T>().permutation(state.data(), site, permutation.source.data(), entries.data(),
                                   Part{k, 4});
  }
  const Vector expected = reference::apply(permutation.matrix, place.targets, place.controls, in);
  return reference::difference(state, expected);
}

template <class T>
void check_permutations() {
  constexpr int kQubits = 7;
  Dice dice(5);
  const Vector in = dice.state(kQubits);
  State<T> state(kQubits);
  reference::for_each_target([&] {
    const int low = qsim::kernels<T>().lane_bits;
    double worst = 0;
    for (int repeat = 0; repeat < 200; ++repeat) {
      const int n_targets = 1 + dice.below(3);
      Place place;
      place.targets = dice.qubits(kQubits - low, kQubits - low);
      for (int& q : place.targets) q += low;
      while (std::ssize(place.targets) > n_targets) {
        if (dice.coin()) place.controls.push_back({place.targets.back(), dice.coin()});
        place.targets.pop_back();
      }
      const RandomPermutation permutation(n_targets, dice.coin(), dice);
      worst = reference::larger(worst, permutation_error(permutation, place, in, state));
    }
    CHECK(worst < kTolerance<T>);
  });
}

}  // namespace

TEST_CASE("dense steps on more than three qubits", "[kernels]") {
  for (const int n : {4, 5, 8}) check_dense<float>(4, n, 1, 50);
  for (const int n : {4, 5, 8}) check_dense<double>(4, n, 1, 50);
  check_dense<float>(3, 8, 1, 50);
  check_dense<double>(3, 8, 1, 50);
  for (const int k : {5, 6}) {
    check_dense<float>(k, 10, 997, 1);
    check_dense<double>(k, 10, 997, 1);
  }
}

TEST_CASE("inner products and sums with all Pauli strings on 5 qubits", "[kernels]") {
  check_inner<float>(5);
  check_inner<double>(5);
}

TEST_CASE("the permutation kernel on high qubits", "[kernels]") {
  check_permutations<float>();
  check_permutations<double>();
}

TEST_CASE("permutation matrices on any qubits, forwards and back", "[kernels]") {
  Dice dice(6);
  for (int repeat = 0; repeat < 50; ++repeat) {
    const int n_targets = 1 + dice.below(3);
    const RandomPermutation permutation(n_targets, dice.coin(), dice);
    std::vector<int> targets = dice.qubits(n_targets + 1, 7);
    const std::vector<qsim::Control> controls{{targets.back(), dice.coin()}};
    targets.pop_back();
    const qsim::Circuit circuit = qsim::Circuit(7).unitary(permutation.matrix, targets, controls);
    const qsim::Program program = qsim::compile(circuit);
    const auto binding = reference::bound<double>(program);
    const Vector in = dice.state(7);
    const Vector expected = reference::apply(circuit, {}, in);
    reference::for_each_target([&] {
      State<double> state = reference::to_state<double>(in);
      qsim::run_steps(program, binding, state);
      CHECK(reference::difference(state, expected) < kTolerance<double>);
      for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
        qsim::apply_inverse(*step, binding.of(*step), state);
      }
      CHECK(reference::difference(state, in) < kTolerance<double>);
    });
  }
}

TEST_CASE("scale multiplies every amplitude", "[kernels]") {
  Dice dice(8);
  const Vector in = dice.state(6);
  reference::for_each_target([&] {
    State<double> state = reference::to_state<double>(in);
    for (Index k = 0; k < 4; ++k) {
      qsim::kernels<double>().scale(state.data(), state.storage(), -0.5, Part{k, 4});
    }
    CHECK(reference::difference(state, -0.5 * in) < kTolerance<double>);
  });
}
