// Everyday sentences, as they are said the shortest way.
#include <qml/qml.h>
#include <qsim/qsim.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "families.h"

namespace {

void use_circuits_and_values() {
  const qsim::ParameterVector x("x", 2);
  const qsim::Parameter w("w");

  // Gates over lists, more controls in braces, other names of gates.
  qsim::Circuit circuit(3);
  circuit.each("h", {}, {{0, 1, 2}}).each("rx", {{x[0], x[1]}}, {{0, 1}});
  circuit.rx(w, 2).x(0, {1}).x(0, {{2, false}}).cnot(0, 1).toffoli(0, 1, 2);

  // Observables as text, inputs as a vector, numbers in braces; double precision unless said.
  const auto program = qsim::compile(circuit, {"ZZZ", "X0 + 0.5*Z1"}, x);
  const auto values = qml::expval(program, {.inputs = {0.1, 0.2}, .weights = {0.3}});
  const auto state = qsim::simulate(circuit, {{"x", {0.1, 0.2}}, {"w", 0.3}});
  check(values[0], qsim::expectation(qsim::PauliSum::parse("ZZZ"), state), "<ZZZ>");
  const auto gradients =
      qml::vjp(program, {.inputs = {0.1, 0.2}, .weights = {0.3}}, std::vector{1.0, 0.0});
  check(gradients.values[1], values[1], "<X0 + Z1/2>");
  const auto single = qml::expval<float>(program, {.inputs = {0.1, 0.2}, .weights = {0.3}});
  check(single[0], values[0], "<ZZZ> in single precision", 1e-6);
  check(static_cast<double>(qsim::compile(circuit, "ZZZ").weights.size()), 3, "the weights");

  // Noise on each of a list of qubits.
  const auto noise = qsim::channels::bit_flip(0.25);
  const auto shots = qsim::run_shots(qsim::Circuit(2).channel(noise, {0, 1}), {}, 4000, 1,
                                     qsim::RunMethod::kDensityMatrix);
  check(shots.exact->at({3}), 0.0625, "both flipped");
}

void use_layers() {
  const qsim::ParameterVector x("x", 2);
  const qsim::Parameter w("w");
  const qsim::Circuit circuit = qsim::Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).ry(w, 0);
  const auto dense = std::make_shared<qml::Dense>(1, 2);
  const auto middle = std::make_shared<qml::CircuitLayer>(
      qsim::ProgramSource{.circuit = circuit,
                          .observables = {qsim::PauliSum::parse("ZI"), qsim::PauliSum::parse("IX")},
                          .inputs = {"x[0]", "x[1]"},
                          .weights = {"w"}});
  const auto head = std::make_shared<qml::ScaleShift>(2);
  qml::Model model(std::make_shared<qml::Chain>(std::vector<qml::LayerPtr>{dense, middle, head}));
  check(static_cast<double>(model.n_parameters()), 4 + 1 + 4, "the parameters");
  // W = (0.5, 1), b = 0, w = 0.3, scales 2 and 3, shifts 0 and 1.
  model.set_parameters(std::vector{0.5, 1.0, 0.0, 0.0, 0.3, 2.0, 3.0, 0.0, 1.0});
  const std::vector<double> row{0.4};
  const auto values = qml::expval(middle->program(), {.inputs = {0.2, 0.4}, .weights = {0.3}});
  const auto outputs = model.outputs(row, 1);
  check(outputs[0], 2 * values[0], "the first output");
  check(outputs[1], 3 * values[1] + 1, "the second output");
}

void use_library() {
  // The Fourier transform of |0…0> is the uniform sum; Grover's search finds 5 of 8.
  check(qsim::simulate(qsim::qft(3)).probabilities()[6], 0.125, "the Fourier transform");
  const std::vector<std::uint64_t> marked{5};
  const auto search = qsim::grover(qsim::phase_oracle(marked, 3), 2);
  check(qsim::simulate(search).probabilities()[5], 0.9453125, "Grover's search");
  check(qsim::simulate(qsim::ghz_state(4)).probabilities()[15], 0.5, "a GHZ state");
}

void use_hamiltonians() {
  // Two sites: the ground state of XX + YY + ZZ is the singlet, with energy -3.
  const auto pair = qsim::heisenberg(2, {1, 1, 1}, 0, qsim::chain_edges(2, false));
  const auto singlet = qsim::simulate(qsim::Circuit(2).x(0).x(1).h(0).cx(0, 1));
  check(qsim::expectation(pair, singlet), -3, "the energy of the singlet");
  const auto cut = qsim::maxcut(2, {{0, 1}});
  check(qsim::expectation(cut, qsim::simulate(qsim::Circuit(2).x(0))), -1, "a cut of one edge");
  const auto number =
      qsim::map_fermions(qsim::FermionOperator(qsim::FermionOperator::parse("1^ 1"), 1),
                         qsim::FermionMapping::kJordanWigner);
  check(qsim::expectation(number, qsim::simulate(qsim::Circuit(2).x(1))), 1, "a fermion");
}

void use_dynamics() {
  // exp(-i X t) |0> is |1> with the probability sin(t)^2, exactly and by a product formula.
  const auto hamiltonian = qsim::PauliSum::parse("X");
  qsim::State state(1);
  qsim::evolve(hamiltonian, 0.4, state);
  check(state.probabilities()[1], std::sin(0.4) * std::sin(0.4), "the evolved state", 1e-9);
  const auto steps = qsim::simulate(qsim::trotter(hamiltonian, 0.4, 3, 2));
  check(steps.probabilities()[1], std::sin(0.4) * std::sin(0.4), "the product formula");
}

// What prints itself.
void use_text() {
  std::ostringstream out;
  out << qsim::simulate(qsim::Circuit(2).h(0).cx(0, 1)) << '\n'
      << qsim::PauliSum::parse("Z0 - 0.5*X1") << '\n'
      << qsim::compile(qsim::Circuit(2).rx(qsim::Parameter("w"), 0), "ZZ") << '\n'
      << qml::MinimizeResult{.parameters = {0.5}, .names = {"w"}, .value = -1, .history = {0, -1}}
      << '\n'
      << qsim::Circuit(1).h(0) << '\n'
      << qsim::run_shots(qsim::Circuit(1).x(0), {}, 10, 1);
  const std::string text = out.str();
  check(text.starts_with("0.707|00⟩ + 0.707|11⟩\nIZ - 0.5*XI\n"
                         "2 qubits, 1 steps, 0 inputs, 1 weights, 1 observables\n"
                         "value -1 after 1 steps, not converged\nw = 0.5\n")
            ? 1
            : 0,
        1, text);
  check(text.ends_with("10 shots of 1 bits\n1  10  100.0 %") ? 1 : 0, 1, "shots as text");
}

}  // namespace

void use_sentences() {
  use_circuits_and_values();
  use_layers();
  use_library();
  use_hamiltonians();
  use_dynamics();
  use_text();
}
