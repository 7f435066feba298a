#include <qml/circuits/ansatz.h>
#include <qml/optimize/expectation_objective.h>
#include <qml/optimize/minimize.h>
#include <qml/optimize/optimizer.h>
#include <qml/optimize/schedule.h>

#include <vector>

#include "families.h"

void use_minimize() {
  const qsim::Program program =
      qsim::compile(qml::hardware_efficient(2, 1), {qsim::PauliSum::parse("Z0 Z1")});
  const std::vector<double> one{1.0};
  qml::ExpectationObjective<double> objective(program, {}, one);
  std::vector<double> start(program.weights.size());
  for (std::size_t k = 0; k < start.size(); ++k) start[k] = 0.1 + 0.2 * static_cast<double>(k);
  const auto found = qml::minimize(
      objective, start, {.optimizer = {.name = "adam", .learning_rate = 0.1}, .steps = 500});
  check(found.value, -1, "the minimum", 1e-3);
}
