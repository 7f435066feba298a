#include <qml/derivatives/differentiate.h>
#include <qml/derivatives/hessian.h>
#include <qml/derivatives/metric_tensor.h>
#include <qml/derivatives/noisy.h>

#include <vector>

#include "families.h"

void use_gradients() {
  const qsim::Circuit circuit = qsim::Circuit(1).rx(qsim::Parameter("theta"), 0);
  const qsim::Program program = qsim::compile(circuit, {qsim::PauliSum::parse("Z")});
  const std::vector<double> theta{0.7};
  const auto gradients = qml::vjp<double>(program, {.weights = theta}, std::vector{1.0});
  check(gradients.values[0], std::cos(0.7), "cos 0.7");
  check(gradients.weights[0], -std::sin(0.7), "its slope");

  const auto shifted = qml::jacobian<double>(program, {.weights = theta},
                                             {.method = qml::DiffMethod::kParameterShift});
  check(shifted.weights[0], -std::sin(0.7), "the slope by parameter shift");
}
