// The quantum Fourier transform, |j⟩ → 2^{−n/2} Σ_k exp(2πi·jk/2^n) |k⟩, from its n(n+1)/2 gates.

#include <algorithm>
#include <complex>
#include <iostream>
#include <numbers>

#include "check.h"
#include "qsim/drawing/text_drawing.h"
#include "qsim/engines/execute.h"

namespace {

using qsim::Circuit;

// From the highest qubit down: H makes its half of the phase, controlled phases add the bits below.
// The result comes out with its bits in reverse, which the swaps at the end put right.
Circuit qft(int n) {
  Circuit circuit(n);
  for (int high = n - 1; high >= 0; --high) {
    circuit.h(high);
    for (int low = high - 1; low >= 0; --low) {
      circuit.cp(std::ldexp(std::numbers::pi, low - high), low, high);
    }
  }
  for (int q = 0; q < n / 2; ++q) circuit.swap(q, n - 1 - q);
  return circuit;
}

// The largest difference of any amplitude from the formula, over all basis states.
double error(int n) {
  const qsim::Matrix matrix = qsim::unitary(qft(n));
  double worst = 0;
  for (Eigen::Index j = 0; j < matrix.cols(); ++j) {
    for (Eigen::Index k = 0; k < matrix.rows(); ++k) {
      const double turns = std::ldexp(static_cast<double>((j * k) % matrix.rows()), -n);
      const auto expected = std::polar(std::exp2(-n / 2.0), 2 * std::numbers::pi * turns);
      worst = std::max(worst, std::abs(matrix(k, j) - expected));
    }
  }
  return worst;
}

}  // namespace

int main() {
  std::cout << qsim::draw_text(qft(3)) << "\n\n";
  for (int n = 1; n <= 8; ++n) {
    std::cout << n << " qubits: differs from the formula by " << error(n) << '\n';
    check(error(n), 0, 1e-13, "the error");
  }

  // What it is for: a state of period 4 becomes peaks at the multiples of 2^n / 4.
  constexpr int kQubits = 6;
  Circuit circuit(kQubits);
  for (int q = 2; q < kQubits; ++q) circuit.h(q);  // Σ_m |4m⟩
  const auto p = qsim::simulate(circuit.compose(qft(kQubits))).probabilities();
  for (std::size_t k = 0; k < p.size(); k += p.size() / 4) check(p[k], 0.25, 1e-13, "a peak");
}
