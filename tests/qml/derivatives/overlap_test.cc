#include "qml/derivatives/overlap.h"

#include <cmath>
#include <complex>

#include "qml/derivatives/evaluate.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

using reference::Case;
using reference::contains;
using reference::Dice;
using reference::error_of;
using reference::some_values;
using Complex = std::complex<double>;

namespace {

constexpr std::size_t kSize = 3;

// A random program with three samples, or one.
struct Rows {
  Rows(int n_qubits, std::size_t n_rows, bool weights_in_rows, Dice& dice)
      : c(n_qubits, dice),
        inputs(some_values(n_rows * c.program.inputs.size(), dice)),
        weights(some_values((weights_in_rows ? n_rows : 1) * c.program.weights.size(), dice)),
        size(n_rows),
        per_sample(weights_in_rows) {}
  [[nodiscard]] qml::Side side() const { return {c.program, {size, inputs, weights, per_sample}}; }
  Case c;
  std::vector<double> inputs;
  std::vector<double> weights;
  std::size_t size;
  bool per_sample;
};

double weighted(const Rows& a, const Rows& b, const std::vector<Complex>& cotangent) {
  double out = 0;
  const auto overlaps = qml::overlap<double>(a.side(), b.side());
  for (std::size_t s = 0; s < overlaps.size(); ++s) {
    out += (std::conj(cotangent[s]) * overlaps[s]).real();
  }
  return out;
}

// The derivative of value() by each of some numbers, against what was computed.
template <class Value>
void check_gradient(std::vector<double>& numbers, const std::vector<double>& got,
                    const Value& value) {
  constexpr double kStep = 1e-5;
  REQUIRE(got.size() == numbers.size());
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const double center = numbers[k];
    numbers[k] = center + kStep;
    const double plus = value();
    numbers[k] = center - kStep;
    const double minus = value();
    numbers[k] = center;
    CHECK(got[k] == Approx((plus - minus) / (2 * kStep)).margin(1e-7));
  }
}

}  // namespace

TEST_CASE("Overlaps are inner products of final states, and their gradients the derivatives") {
  Dice dice(61);
  for (int trial = 0; trial < 6; ++trial) {
    const int n = 3 + trial % 2;
    Rows a(n, trial % 3 == 0 ? 1 : kSize, trial % 2 == 1, dice);
    Rows b(n, trial % 3 == 1 ? 1 : kSize, false, dice);
    const auto overlaps = qml::overlap<double>(a.side(), b.side());
    const auto fidelities = qml::fidelity<double>(a.side(), b.side());
    const auto kets = qml::states<double>(a.c.program, a.side().batch);
    const auto others = qml::states<double>(b.c.program, b.side().batch);
    const std::size_t dim = std::size_t{1} << static_cast<unsigned>(n);
    for (std::size_t s = 0; s < kSize; ++s) {
      Complex expected;
      for (std::size_t i = 0; i < dim; ++i) {
        expected += std::conj(kets[(a.size == 1 ? 0 : s) * dim + i]) *
                    others[(b.size == 1 ? 0 : s) * dim + i];
      }
      CHECK(std::abs(overlaps[s] - expected) < 1e-13);
      CHECK(fidelities[s] == Approx(std::norm(expected)).margin(1e-13));
    }
    const std::vector<Complex> cotangent{{0.3, -1.0}, {1.1, 0.2}, {-0.4, 0.9}};
    const auto gradient = qml::overlap_vjp<double>(a.side(), b.side(), cotangent);
    const auto value = [&] { return weighted(a, b, cotangent); };
    check_gradient(a.inputs, gradient.a.inputs, value);
    check_gradient(a.weights, gradient.a.weights, value);
    check_gradient(b.inputs, gradient.b.inputs, value);
    check_gradient(b.weights, gradient.b.weights, value);

    const std::vector<double> real{0.3, 1.1, -0.4};
    const auto of_fidelity = qml::fidelity_vjp<double>(a.side(), b.side(), real);
    const auto sum = [&] {
      double out = 0;
      const auto f = qml::fidelity<double>(a.side(), b.side());
      for (std::size_t s = 0; s < kSize; ++s) out += real[s] * f[s];
      return out;
    };
    check_gradient(a.weights, of_fidelity.a.weights, sum);
    check_gradient(b.inputs, of_fidelity.b.inputs, sum);
    check_gradient(b.weights, of_fidelity.b.weights, sum);
    CHECK(reference::largest_difference(
              qml::fidelity_vjp<float>(a.side(), b.side(), real).a.weights, of_fidelity.a.weights) <
          1e-3);
  }
}

TEST_CASE("Overlaps refuse programs and batches that do not fit") {
  Dice dice(62);
  const Rows a(3, 2, false, dice);
  const Rows b(3, 3, false, dice);
  const Rows c(4, 2, false, dice);
  using qsim::ValueError;
  CHECK(contains(error_of<ValueError>([&] { (void)qml::overlap<double>(a.side(), b.side()); }),
                 "2 and 3 samples"));
  CHECK(contains(error_of<ValueError>([&] { (void)qml::fidelity<double>(a.side(), c.side()); }),
                 "3 and 4 qubits"));
  CHECK(contains(error_of<ValueError>([&] {
                   (void)qml::fidelity_vjp<double>(a.side(), a.side(), std::vector{1.0});
                 }),
                 "1 cotangents for 2"));
  CHECK(
      contains(error_of<ValueError>([&] {
                 (void)qml::fidelity_vjp<double>(a.side(), a.side(), std::vector<double>{1.0, NAN});
               }),
               "finite"));
}
