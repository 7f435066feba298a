// Everyday sentences, as they are said the shortest way.
#include <qml/qml.h>
#include <qsim/qsim.h>

#include <sstream>
#include <vector>

#include "families.h"

void use_sentences() {
  const qsim::ParameterVector x("x", 2);
  const qsim::Parameter w("w");

  // Gates over lists, more controls in braces, other names of gates.
  qsim::Circuit circuit(3);
  circuit.each("h", {}, {{0, 1, 2}}).each("rx", {{x[0], x[1]}}, {{0, 1}});
  circuit.rx(w, 2).x(0, {1}).x(0, {{2, false}}).cnot(0, 1).toffoli(0, 1, 2);

  // Observables as text, inputs as a vector, numbers in braces.
  const auto program = qsim::compile(circuit, {"ZZZ", "X0 + 0.5*Z1"}, x);
  const auto values = qml::expval<double>(program, {.inputs = {0.1, 0.2}, .weights = {0.3}});
  const auto state = qsim::simulate<double>(circuit, {{"x", {0.1, 0.2}}, {"w", 0.3}});
  check(values[0], qsim::expectation(qsim::PauliSum::parse("ZZZ"), state), "<ZZZ>");
  const auto gradients =
      qml::vjp<double>(program, {.inputs = {0.1, 0.2}, .weights = {0.3}}, std::vector{1.0, 0.0});
  check(gradients.values[1], values[1], "<X0 + Z1/2>");
  check(static_cast<double>(qsim::compile(circuit, "ZZZ").weights.size()), 3, "the weights");

  // What prints itself.
  std::ostringstream out;
  out << qsim::simulate<double>(qsim::Circuit(2).h(0).cx(0, 1)) << '\n'
      << qsim::Circuit(1).h(0) << '\n'
      << qsim::run_shots<double>(qsim::Circuit(1).x(0), {}, 10, 1);
  check(out.str().starts_with("0.707|00⟩ + 0.707|11⟩\n") ? 1 : 0, 1, "a state as text");
  check(out.str().ends_with("10 shots of 1 bits\n1  10  100.0 %") ? 1 : 0, 1, "shots as text");
}
