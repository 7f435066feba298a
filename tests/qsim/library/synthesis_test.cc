#include <cmath>
#include <vector>

#include "qsim/core/unitary_decompositions.h"
#include "qsim/library/multiplexor.h"
#include "qsim/library/prepare_state.h"
#include "qsim/library/synthesize.h"
#include "qsim/library/two_qubits.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;
using qsim::Complex;
using qsim::Matrix;
using reference::Dice;
using reference::largest;

constexpr double kClose = 1e-12;

std::size_t controlled(const Circuit& circuit) {
  return static_cast<std::size_t>(std::ranges::count_if(
      circuit.operations(), [](const qsim::Operation& op) { return !op.controls.empty(); }));
}

std::vector<Complex> entries(const reference::Vector& v) { return {v.begin(), v.end()}; }

// A unitary matrix in blocks, of given angles between cosine and sine.
Matrix with_angles(const std::vector<double>& angles, Dice& dice) {
  const auto m = static_cast<Eigen::Index>(angles.size());
  const int n = static_cast<int>(std::lround(std::log2(angles.size())));
  const auto sides = [&] {
    reference::Matrix out = reference::Matrix::Zero(2 * m, 2 * m);
    out.topLeftCorner(m, m) = dice.unitary(n);
    out.bottomRightCorner(m, m) = dice.unitary(n);
    return out;
  };
  reference::Matrix middle = reference::Matrix::Zero(2 * m, 2 * m);
  for (Eigen::Index k = 0; k < m; ++k) {
    const double angle = angles[static_cast<std::size_t>(k)];
    middle(k, k) = middle(k + m, k + m) = std::cos(angle);
    middle(k + m, k) = std::sin(angle);
    middle(k, k + m) = -std::sin(angle);
  }
  const reference::Matrix left = sides();
  return left * middle * sides();
}

}  // namespace

TEST_CASE("the cosine-sine decomposition is unitary and exact for any angles") {
  constexpr double kQuarter = reference::kPi / 2;
  Dice dice(1);
  const std::vector<std::vector<double>> all{
      {0.3, 1.2},
      {0, 0},
      {kQuarter, kQuarter},
      {0, kQuarter},
      {1e-9, 2e-9},
      {kQuarter - 1e-9, kQuarter},
      {0, 1e-12, 1e-8, 1e-4, 0.5, 1.0, kQuarter - 1e-8, kQuarter},
      {0.7, 0.7, 0.7, 0.7},
  };
  for (const std::vector<double>& angles : all) {
    const Matrix u = with_angles(angles, dice);
    const auto m = static_cast<Eigen::Index>(angles.size());
    const qsim::CosineSine parts = qsim::cosine_sine(u);
    reference::Matrix left = reference::Matrix::Zero(2 * m, 2 * m);
    reference::Matrix right = left;
    reference::Matrix middle = left;
    left.topLeftCorner(m, m) = parts.left0;
    left.bottomRightCorner(m, m) = parts.left1;
    right.topLeftCorner(m, m) = parts.right0;
    right.bottomRightCorner(m, m) = parts.right1;
    for (Eigen::Index k = 0; k < m; ++k) {
      const double angle = parts.angles[static_cast<std::size_t>(k)];
      middle(k, k) = middle(k + m, k + m) = std::cos(angle);
      middle(k + m, k) = std::sin(angle);
      middle(k, k + m) = -std::sin(angle);
    }
    const auto one = reference::Matrix::Identity(2 * m, 2 * m);
    CHECK(largest(left * left.adjoint() - one) < 1e-14);
    CHECK(largest(right * right.adjoint() - one) < 1e-14);
    CHECK(largest(left * middle * right - u) < 1e-14);
  }
}

TEST_CASE("states of any amplitudes are prepared by 2^n - n - 1 CZ") {
  Dice dice(2);
  for (int n = 1; n <= 6; ++n) {
    const reference::Vector state = dice.state(n);
    const Circuit circuit = qsim::prepare_state(entries(state));
    CHECK(largest(reference::simulate(circuit) - state) < kClose);
    CHECK(controlled(circuit) == (1U << n) - static_cast<unsigned>(n) - 1);
  }
}

TEST_CASE("synthesis takes the published number of CX") {
  Dice dice(3);
  const std::vector<std::size_t> published{0, 0, 3, 20, 100, 444};
  for (int n = 1; n <= 5; ++n) {
    const reference::Matrix unitary = dice.unitary(n);
    const Circuit circuit = qsim::synthesize(unitary);
    CHECK(largest(reference::unitary(circuit) - unitary) < kClose);
    CHECK(controlled(circuit) == published[static_cast<std::size_t>(n)]);
  }
}

TEST_CASE("the Cartan decomposition is that of its definition") {
  Dice dice(4);
  for (int k = 0; k < 50; ++k) {
    const Eigen::Matrix4cd unitary = dice.unitary(2);
    const qsim::CartanParts parts = qsim::cartan_parts(unitary);
    const auto [x, y, z] = parts.xyz;
    const reference::Matrix sum =
        x * reference::pauli("XX") + y * reference::pauli("YY") + z * reference::pauli("ZZ");
    const reference::Matrix rebuilt = std::polar(1.0, parts.phase) *
                                      reference::kronecker(parts.after[1], parts.after[0]) *
                                      reference::exponential(reference::kI * sum) *
                                      reference::kronecker(parts.before[1], parts.before[0]);
    CHECK(largest(rebuilt - unitary) < 1e-13);
    CHECK(std::abs(x) <= reference::kPi / 4 + 1e-15);
    CHECK(std::abs(x) >= std::abs(z));
    CHECK(std::abs(z) >= std::abs(y));
    CHECK(qsim::cx_needed(parts) == 3);
  }
}

TEST_CASE("diagonals and multiplexed rotations have the matrices they say") {
  const std::vector<double> angles{0.3, -1.2, 5.0, 2.2};
  const reference::Matrix diagonal = reference::unitary(qsim::diagonal(angles));
  const reference::Matrix rotations = reference::unitary(qsim::multiplexed_rotation("rz", angles));
  for (Eigen::Index k = 0; k < 4; ++k) {
    const double angle = angles[static_cast<std::size_t>(k)];
    CHECK(std::abs(diagonal(k, k) - std::polar(1.0, angle)) < kClose);
    CHECK(std::abs(rotations(k, k) - std::polar(1.0, -angle / 2)) < kClose);
    CHECK(std::abs(rotations(k + 4, k + 4) - std::polar(1.0, angle / 2)) < kClose);
  }
  CHECK_THROWS_AS(qsim::multiplexed_rotation("h", angles), qsim::ValueError);
}
