// The circuits of the library against their mathematics, by the reference's own simulator. The
// Python tests of ketgrad.library try them more widely.

#include <bit>
#include <cmath>
#include <numbers>

#include "qsim/core/error.h"
#include "qsim/engines/execute.h"
#include "qsim/library/adders.h"
#include "qsim/library/amplification.h"
#include "qsim/library/fourier.h"
#include "qsim/library/modular.h"
#include "qsim/library/oracles.h"
#include "qsim/library/overlap_tests.h"
#include "qsim/library/phase_estimation.h"
#include "qsim/library/random_circuits.h"
#include "qsim/library/states.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::ValueError;
using reference::contains;
using reference::difference;
using reference::Matrix;
using reference::Vector;

constexpr double kExact = 1e-10;

// The basis state that a basis state becomes, with a factor 1.
Eigen::Index image(const Circuit& circuit, Eigen::Index index) {
  Vector state = Vector::Zero(Eigen::Index{1} << circuit.n_qubits());
  state(index) = 1;
  state = reference::apply(circuit, {}, state);
  Eigen::Index at = 0;
  state.cwiseAbs().maxCoeff(&at);
  CHECK(std::abs(state(at) - 1.0) < kExact);
  return at;
}

template <class Body>
void check_says(std::string_view part, const Body& body) {
  const std::string text = reference::error_of<ValueError>(body);
  INFO(text);
  CHECK(contains(text, part));
}

}  // namespace

TEST_CASE("library: the Fourier transform", "[library]") {
  for (int n = 1; n <= 6; ++n) {
    const Eigen::Index size = Eigen::Index{1} << n;
    Matrix expected(size, size);
    for (Eigen::Index x = 0; x < size; ++x) {
      for (Eigen::Index y = 0; y < size; ++y) {
        const double turns = static_cast<double>(x * y) / static_cast<double>(size);
        expected(y, x) =
            std::polar(1 / std::sqrt(static_cast<double>(size)), 2 * std::numbers::pi * turns);
      }
    }
    CHECK(difference(reference::unitary(qsim::qft(n)), expected) < kExact);
    CHECK(difference(reference::unitary(qsim::qft(n, true)), expected.adjoint()) < kExact);
  }
  check_says("degree", [] { qsim::qft(3, false, true, -1); });
}

TEST_CASE("library: phases are estimated", "[library]") {
  for (const double phase : {0.0, 0.25, 0.3137, 0.9}) {
    Circuit unitary(1);
    unitary.p(2 * std::numbers::pi * phase, 0);
    const Circuit circuit = Circuit(6).x(0).compose(qsim::phase_estimation(unitary, 5));
    const Vector state = reference::simulate(circuit);
    std::vector<double> weights;
    for (Eigen::Index y = 0; y < 32; ++y) weights.push_back(std::norm(state(1 + 2 * y)));
    CHECK(qsim::estimate_phase(weights) == Approx(phase).margin(1e-6));
  }
  check_says("got 3", [] { qsim::estimate_phase(std::vector<double>{1, 2, 3}); });
  check_says("'measure'", [] { qsim::phase_estimation(Circuit(1).measure_all(), 2); });
}

TEST_CASE("library: amplitude amplification", "[library]") {
  const std::vector<std::uint64_t> marked{0, 5};
  const Circuit oracle = qsim::phase_oracle(marked, 4);
  const double angle = std::asin(std::sqrt(2.0 / 16));
  for (int k = 0; k < 4; ++k) {
    const Vector state = reference::simulate(qsim::grover(oracle, k));
    const double success = std::norm(state(0)) + std::norm(state(5));
    CHECK(success == Approx(std::pow(std::sin((2 * k + 1) * angle), 2)).margin(kExact));
  }
  CHECK(qsim::grover_iterations(1.0 / 1024) == 25);
  check_says("marked state 16 is outside",
             [] { qsim::phase_oracle(std::vector<std::uint64_t>{16}, 4); });
}

TEST_CASE("library: oracles and what they tell", "[library]") {
  const std::vector<std::uint64_t> values{0, 3, 1, 2, 2, 2, 0, 1};
  const Circuit oracle = qsim::function_oracle(values, 2);
  for (Eigen::Index index = 0; index < 32; ++index) {
    const auto value = static_cast<Eigen::Index>(values[static_cast<std::size_t>(index % 8)]);
    CHECK(image(oracle, index) == (index ^ (value << 3)));
  }
  CHECK(qsim::function_oracle(std::vector<std::uint64_t>{0, 1, 1, 0}) ==
        qsim::inner_product_oracle("11"));
  CHECK(qsim::bernstein_vazirani("101").n_bits() == 3);
  CHECK(qsim::simon_secret(std::vector<std::string>{"001", "110", "111"}) == "110");
  check_says("needs 2 independent", [] {
    qsim::simon_secret(std::vector<std::string>{"001", "001"});
  });
  check_says("as many", [] { qsim::simon(Circuit(3)); });
}

TEST_CASE("library: sums", "[library]") {
  for (int n = 1; n <= 3; ++n) {
    const Eigen::Index size = Eigen::Index{1} << n;
    const Circuit draper = qsim::draper_adder(n);
    const Circuit cuccaro = qsim::cuccaro_adder(n);
    CHECK(cuccaro.count_gates() == std::map<std::string, int>{{"ccx", 2 * n}, {"cx", 4 * n + 1}});
    for (Eigen::Index a = 0; a < size; ++a) {
      CHECK(image(qsim::add_constant(n, 5), a) == (a + 5) % size);
      for (Eigen::Index b = 0; b < size; ++b) {
        CHECK(image(draper, a | b << n) == (a | (a + b) % size << n));
        CHECK(image(cuccaro, a | b << n) == (a | (a + b) << n));
      }
    }
  }
}

TEST_CASE("library: arithmetic modulo a number", "[library]") {
  for (const int modulus : {2, 3, 4, 5, 7}) {
    const int n = qsim::modular_bits(modulus);
    const Circuit sum = qsim::modular_add_constant(3, modulus);
    const Circuit product = qsim::modular_multiplier(modulus - 1, modulus);
    for (Eigen::Index x = 0; x < modulus; ++x) {
      CHECK(image(sum, x) == (x + 3) % modulus);
      CHECK(image(product, x) == x * (modulus - 1) % modulus);
    }
    const Circuit power = qsim::modular_exponentiation(modulus - 1, modulus, 2);
    const Eigen::Index exponent = Eigen::Index{3} << (2 * n + 2);
    CHECK(image(power, 1 | exponent) == ((modulus - 1) | exponent));
    CHECK(qsim::order_finding(1, modulus).n_bits() == 2 * n);
  }
  CHECK(qsim::order_from_outcome(64, 8, 7, 15) == 4);
  CHECK(!qsim::order_from_outcome(128, 8, 7, 15));
  CHECK(qsim::order_from_outcome(0, 8, 1, 15) == 1);
  check_says("common factor 3", [] { qsim::modular_multiplier(6, 15); });
  check_says("[2, 2^30]", [] { qsim::modular_adder(1); });
}

TEST_CASE("library: states by name", "[library]") {
  for (int n = 1; n <= 6; ++n) {
    for (int k = 0; k <= n; ++k) {
      const Vector state = reference::simulate(qsim::dicke_state(n, k));
      double total = 0;
      for (Eigen::Index x = 0; x < state.size(); ++x) {
        if (std::popcount(static_cast<std::uint64_t>(x)) == k) total += state(x).real();
      }
      const double terms =
          std::round(std::tgamma(n + 1) / std::tgamma(k + 1) / std::tgamma(n - k + 1));
      CHECK(total == Approx(std::sqrt(terms)));  // the overlap with the sum over √terms is 1
    }
    CHECK(difference(reference::simulate(qsim::w_state(n)),
                     reference::simulate(qsim::dicke_state(n, 1))) < kExact);
    CHECK(std::norm(reference::simulate(qsim::ghz_state(n)).tail(1)(0)) == Approx(0.5));
  }
  const std::vector<std::pair<int, int>> edges{{0, 1}, {1, 2}};
  CHECK(qsim::graph_state(edges) == Circuit(3).h(0).h(1).h(2).cz(0, 1).cz(1, 2));
}

TEST_CASE("library: tests of overlaps", "[library]") {
  const Circuit unitary = Circuit(2).rx(0.3, 0).cx(0, 1).t(1).h(0);
  const auto element = reference::unitary(unitary)(0, 0);
  const auto z_of_last = [](const Circuit& circuit) {
    const Vector state = reference::simulate(circuit);
    return state.head(state.size() / 2).squaredNorm() - state.tail(state.size() / 2).squaredNorm();
  };
  CHECK(z_of_last(qsim::hadamard_test(unitary)) == Approx(element.real()).margin(kExact));
  CHECK(z_of_last(qsim::hadamard_test(unitary, true)) == Approx(element.imag()).margin(kExact));
  const Circuit swapped = Circuit(3).ry(0.5, 0).compose(qsim::swap_test(1));
  CHECK(z_of_last(swapped) == Approx(std::pow(std::cos(0.25), 2)).margin(kExact));
}

TEST_CASE("library: random circuits", "[library]") {
  CHECK(qsim::quantum_volume(5, 0, 7) == qsim::quantum_volume(5, 5, 7));
  CHECK(qsim::quantum_volume(5, 3, 7).size() == 6);
  const Matrix su4 = *qsim::quantum_volume(2, 1, 7).operations()[0].matrix;
  CHECK(difference(su4 * su4.adjoint(), Matrix::Identity(4, 4)) < kExact);
  // An element of the Clifford group takes Paulis to Paulis.
  const Matrix clifford = reference::unitary(qsim::random_clifford(3, 7));
  const Matrix image_of_x = clifford * reference::pauli("IIX") * clifford.adjoint();
  CHECK(std::abs(image_of_x.cwiseAbs().sum() - 8) < kExact);
  check_says("pairs qubits", [] { qsim::quantum_volume(1, 1, 0); });
}
