#include <qsim/core/pauli.h>
#include <qsim/engines/execute.h>
#include <qsim/estimates/classical_shadow.h>
#include <qsim/estimates/grouping.h>
#include <qsim/estimates/measurement_plan.h>
#include <qsim/observables/expectation.h>
#include <qsim/observables/reduced_density_matrix.h>

#include <vector>

#include "families.h"

void use_observables() {
  const qsim::Circuit bell = qsim::Circuit(2).h(0).cx(0, 1);
  const qsim::State<double> state = qsim::simulate<double>(bell);
  const qsim::Observable zz = qsim::PauliSum::parse("Z0 Z1 + 0.5*X0");
  check(qsim::expectation(zz, state), 1, "<ZZ + X/2>");
  check(qsim::variance(zz, state), 0.25, "its variance");
  const std::vector<qsim::Qubit> first{0};
  check(qsim::reduced_density_matrix(state, first)(0, 0).real(), 0.5, "the reduced density matrix");
}
