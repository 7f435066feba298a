#include "qsim/compile/spectrum.h"

#include <Eigen/QR>
#include <cmath>

#include "qsim/compile/program.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Circuit;

const qsim::Parameter kA("a");

std::vector<double> frequencies(const qsim::Slot& slot) {
  return qsim::frequencies(slot.eigenvalues, 100).value();
}

// The frequencies of the only slot of a circuit.
std::vector<double> frequencies(const Circuit& circuit) {
  const qsim::Program program = qsim::compile(circuit);
  REQUIRE(program.slots.size() == 1);
  return frequencies(program.slots.front());
}

void check_frequencies(const Circuit& circuit, const std::vector<double>& expected) {
  const std::vector<double> got = frequencies(circuit);
  REQUIRE(got.size() == expected.size());
  for (std::size_t k = 0; k < got.size(); ++k) CHECK(got[k] == Approx(expected[k]).epsilon(1e-12));
}

// How the expectation of a random observable depends on the only parameter: the residual of a
// least-squares fit of a Fourier series with the slot's frequencies.
double misfit(const Circuit& circuit, reference::Dice& dice) {
  const std::vector<double> omega = frequencies(circuit);
  const reference::Matrix o = dice.hermitian(circuit.n_qubits());
  const reference::Vector start = dice.state(circuit.n_qubits());
  const Eigen::Index n_points = 40;
  Eigen::MatrixXd basis(n_points, 1 + 2 * std::ssize(omega));
  Eigen::VectorXd f(n_points);
  for (Eigen::Index k = 0; k < n_points; ++k) {
    const double theta = 0.4 * static_cast<double>(k);
    const reference::Vector v = reference::apply(circuit, {{"a", theta}}, start);
    f(k) = v.dot(o * v).real();
    basis(k, 0) = 1;
    for (std::size_t w = 0; w < omega.size(); ++w) {
      basis(k, static_cast<Eigen::Index>(1 + 2 * w)) = std::cos(omega[w] * theta);
      basis(k, static_cast<Eigen::Index>(2 + 2 * w)) = std::sin(omega[w] * theta);
    }
  }
  const Eigen::VectorXd fit = basis.completeOrthogonalDecomposition().solve(f);
  return reference::largest(basis * fit - f);
}

}  // namespace

TEST_CASE("the frequencies of rotations", "[compile]") {
  check_frequencies(Circuit(1).rx(kA, 0), {1});
  check_frequencies(Circuit(1).rz(kA, 0), {1});
  check_frequencies(Circuit(1).p(kA, 0), {1});
  check_frequencies(Circuit(2).cp(kA, 0, 1), {1});
  check_frequencies(Circuit(2).rzz(kA, 0, 1), {1});
  check_frequencies(Circuit(3).pauli_rotation(kA, "XYZ", {0, 1, 2}), {1});
  check_frequencies(Circuit(1).rx(3.0 * kA, 0), {1});  // of the gate's angle, not the parameter
}

TEST_CASE("the frequencies of controlled rotations", "[compile]") {
  check_frequencies(Circuit(2).crx(kA, 0, 1), {0.5, 1});
  check_frequencies(Circuit(2).cry(kA, 0, 1), {0.5, 1});
  check_frequencies(Circuit(2).crz(kA, 0, 1), {0.5, 1});
  check_frequencies(Circuit(2).rxx(kA, 0, 1).control(), {0.5, 1});
  Circuit open(2);
  open.gate("rx", {kA}, {0}, {{1, false}});
  check_frequencies(open, {0.5, 1});
}

TEST_CASE("the frequencies of phases", "[compile]") {
  check_frequencies(Circuit(1).pauli_rotation(kA, "I", {0}), {});  // a global phase
  check_frequencies(Circuit(2).pauli_rotation(kA, "II", {0, 1}), {});
  check_frequencies(Circuit(1).pauli_rotation(kA, "I", {0}).control(), {0.5});
  const auto three = qsim::compile(Circuit(1).u(kA, kA, kA, 0)).slots;
  REQUIRE(three.size() == 3);
  for (const qsim::Slot& slot : three) CHECK(frequencies(slot) == std::vector<double>{1});
}

TEST_CASE("the frequencies of an evolution are the gaps of its generator", "[compile]") {
  const auto diagonal = [](const std::vector<double>& entries) {
    qsim::Matrix out = qsim::Matrix::Zero(std::ssize(entries), std::ssize(entries));
    for (std::size_t k = 0; k < entries.size(); ++k) {
      out(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(k)) = entries[k];
    }
    return out;
  };
  check_frequencies(Circuit(2).evolution(kA, diagonal({0, 1, 3, 3}), {0, 1}), {1, 2, 3});
  check_frequencies(Circuit(1).evolution(kA, diagonal({-0.5, 0.5}), {0}), {1});
  check_frequencies(Circuit(1).evolution(kA, diagonal({2, 2}), {0}), {});
  check_frequencies(Circuit(1).evolution(kA, diagonal({2, 2}), {0}).control(), {2});
  const reference::Matrix xy = (reference::pauli("XX") + reference::pauli("YY")) / 4;
  check_frequencies(Circuit(2).evolution(kA, xy, {0, 1}), {0.5, 1});
}

TEST_CASE("frequencies are counted before they are listed", "[compile]") {
  std::vector<double> powers;  // of four: all differences are distinct
  for (int k = 0; k < 12; ++k) powers.push_back(std::ldexp(1.0, 2 * k));
  CHECK(qsim::frequencies(powers, 66).value().size() == 66);
  CHECK(!qsim::frequencies(powers, 65).has_value());
  CHECK(!qsim::frequencies(powers, 10).has_value());
  std::vector<double> equidistant;
  for (int k = 0; k < 1000; ++k) equidistant.push_back(k % 100);
  CHECK(qsim::frequencies(equidistant, 99).value().size() == 99);
}

TEST_CASE("every gate's expectations are Fourier series in its frequencies", "[compile]") {
  reference::Dice dice(3);
  for (const qsim::GateRow& row : qsim::gate_table()) {
    if (row.angles != 1 || !qsim::is_gate(row)) continue;
    for (int controls = 0; controls <= 2; ++controls) {
      qsim::Operation op = reference::random_operation(row, 3, 0, dice);
      if (op.targets.size() + static_cast<std::size_t>(controls) > 4) continue;
      op.angles = {kA};
      Circuit circuit = Circuit(3).add(op);
      if (controls > 0) circuit = circuit.control(controls);
      INFO(row.name << " with " << controls << " controls");
      CHECK(misfit(circuit, dice) < 1e-10);
    }
  }
}
