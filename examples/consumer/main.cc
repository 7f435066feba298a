// The gradient of ⟨Z⟩ = cos θ, from the outside: only installed headers and libraries.

#include <qml/derivatives/differentiate.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <vector>

int main() {
  const qsim::Circuit circuit = qsim::Circuit(1).rx(qsim::Parameter("theta"), 0);
  const qsim::Program program = qsim::compile(circuit, {qsim::PauliSum::parse("Z")});

  const std::vector<double> theta{0.7};
  const auto gradients = qml::vjp(program, {.weights = theta}, std::vector{1.0});
  std::cout << "cos 0.7 = " << gradients.values[0] << ", its slope " << gradients.weights[0]
            << '\n';

  const bool right = std::abs(gradients.values[0] - std::cos(0.7)) < 1e-14 &&
                     std::abs(gradients.weights[0] + std::sin(0.7)) < 1e-14;
  return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
