#include <qml/circuits/feature_map.h>
#include <qml/similarity/quantum_kernel.h>

#include <vector>

#include "families.h"

void use_kernels() {
  const qsim::Circuit map = qsim::Circuit(1).ry(qsim::Parameter("x"), 0);
  const qsim::Program program = qsim::compile(map, {}, {"x"});
  const std::vector<double> x{0.2, 0.9};
  const auto kernel = qml::fidelity_kernel<double>(program, {.size = 2, .inputs = x});
  check(kernel[1], std::cos(0.35) * std::cos(0.35), "the overlap");
}
