// The ground-state energy of molecular hydrogen by VQE (Peruzzo et al. 2014, arXiv:1304.3061).
//
// A circuit with parameters prepares trial states, and the gradient of their energy leads to the
// ground state. One adjoint sweep gives all derivatives (qml::vjp), so a step costs about three
// runs of the circuit, whatever the number of parameters.

#include <iomanip>
#include <iostream>

#include "check.h"
#include "qml/circuits/ansatz.h"
#include "qml/derivatives/differentiate.h"
#include "qml/optimize/optimizer.h"

namespace {

// H2 at 0.735 Å in the STO-3G basis, two qubits after parity mapping; energies in Hartree.
const char* const kHydrogen =
    "-1.052373245772859 + 0.39793742484318045*Z0 - 0.39793742484318045*Z1"
    " - 0.01128010425623538*Z0 Z1 + 0.18093119978423156*X0 X1";
constexpr double kNuclearRepulsion = 0.7199689944;
constexpr double kExactEnergy = -1.137306036;
constexpr double kChemistsNeed = 1e-6;

}  // namespace

int main() {
  const qsim::Program program = qsim::compile(
      qml::hardware_efficient(/*n_qubits=*/2, /*n_layers=*/2), {qsim::PauliSum::parse(kHydrogen)});
  std::vector<double> weights(program.weights.size(), 0.1);
  qml::Optimizer optimizer({.name = "adam", .learning_rate = 0.1});

  double energy = 0;
  for (int step = 0; step < 300; ++step) {
    const auto gradients = qml::vjp(program, {.weights = weights}, std::vector{1.0});
    energy = gradients.values.front() + kNuclearRepulsion;
    if (step % 50 == 0)
      std::cout << "step " << std::setw(3) << step << "  " << std::setprecision(10) << energy
                << " Ha\n";
    // A falling learning rate, so that the last steps are small.
    optimizer.step(weights, gradients.weights, 1.0 - step / 300.0);
  }
  std::cout << "ground state  " << energy << " Ha, exactly " << kExactEnergy << " Ha\n";
  check(energy, kExactEnergy, kChemistsNeed, "the energy");
}
