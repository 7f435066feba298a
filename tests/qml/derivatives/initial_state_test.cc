#include <algorithm>
#include <complex>
#include <string>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/hessian.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/random_case.h"

// Programs that begin with given states: values against the dense reference, gradients against
// finite differences and parameter shift.

using reference::Dice;
using Complex = std::complex<double>;

namespace {

struct Given {
  qsim::Circuit circuit;
  qsim::Program program;
  std::size_t size;
  std::vector<double> inputs;
  std::vector<double> weights;
  std::vector<Complex> states;

  Given(int n_qubits, std::size_t batch, bool one_state, Dice& dice)
      : circuit(reference::random_circuit(
            {.n_qubits = n_qubits, .n_gates = 20, .max_controls = 2, .named = true}, dice)),
        size(batch) {
    auto names = circuit.parameters();
    names.resize(names.size() / 2);
    program = qsim::compile(circuit, reference::some_observables(n_qubits, dice), names);
    inputs = reference::some_values(size * program.inputs.size(), dice);
    weights = reference::some_values(program.weights.size(), dice);
    for (std::size_t k = 0; k < (one_state ? 1 : size); ++k) {
      const auto state = dice.state(n_qubits);
      states.insert(states.end(), state.begin(), state.end());
    }
  }
  [[nodiscard]] qml::Batch batch() const {
    return {.size = size, .inputs = inputs, .weights = weights, .initial_states = states};
  }
  [[nodiscard]] reference::Vector expected(std::size_t sample) const {
    reference::Values values;
    const std::size_t n_inputs = program.inputs.size();
    for (std::size_t k = 0; k < n_inputs; ++k) {
      values[program.inputs[k]] = inputs[sample * n_inputs + k];
    }
    for (std::size_t k = 0; k < weights.size(); ++k) values[program.weights[k]] = weights[k];
    const auto columns = static_cast<Eigen::Index>(qsim::bit(program.n_qubits));
    const auto row =
        static_cast<Eigen::Index>(states.size()) == columns ? 0 : static_cast<Eigen::Index>(sample);
    const reference::Vector start =
        Eigen::Map<const reference::Vector>(states.data() + row * columns, columns);
    return reference::apply(circuit, values, start);
  }
};

template <class T>
void check_given(const Given& given) {
  const auto batch = given.batch();
  const auto states = qml::states<T>(given.program, batch);
  const std::size_t columns = qsim::bit(given.program.n_qubits);
  double worst = 0;
  for (std::size_t sample = 0; sample < given.size; ++sample) {
    const reference::Vector expected = given.expected(sample);
    for (std::size_t i = 0; i < columns; ++i) {
      worst = reference::larger(worst, std::abs(Complex(states[sample * columns + i]) -
                                                expected(static_cast<Eigen::Index>(i))));
    }
  }
  CHECK(worst < 10 * reference::kTolerance<T>);
}

void check_gradients(const Given& given) {
  const auto adjoint = qml::jacobian<double>(given.program, given.batch());
  const auto shift = qml::jacobian<double>(given.program, given.batch(),
                                           {.method = qml::DiffMethod::kParameterShift});
  const auto difference = qml::jacobian<double>(given.program, given.batch(),
                                                {.method = qml::DiffMethod::kFiniteDifference});
  CHECK(reference::largest_difference(adjoint, shift) < 1e-11);
  CHECK(reference::largest_difference(adjoint, difference) < 1e-6);
  CHECK(reference::largest_difference(adjoint.values,
                                      qml::expval<double>(given.program, given.batch())) < 1e-12);
}

}  // namespace

TEST_CASE("programs begin with given states, in blocks and alone", "[initial_state]") {
  reference::for_each_configuration([] {
    Dice dice(2);
    for (const int n : {2, 5, 8}) {
      for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{17}}) {
        for (const bool one : {false, true}) {
          const Given given(n, size, one, dice);
          check_given<double>(given);
          check_given<float>(given);
          if (n < 8 && size < 17) check_gradients(given);
        }
      }
    }
    const Given wide(13, 2, false, dice);
    check_given<double>(wide);
    check_given<float>(wide);
  });
  Dice dice(3);
  check_gradients(Given(13, 1, false, dice));
}

TEST_CASE("initial states that do not fit are refused by name", "[initial_state]") {
  using qsim::ValueError;
  Dice dice(4);
  const Given given(2, 3, false, dice);
  const auto error_of = [&](const qml::Batch& batch) {
    return reference::error_of<ValueError>([&] { qml::expval<double>(given.program, batch); });
  };
  qml::Batch batch = given.batch();
  batch.initial_states = batch.initial_states.first(5);
  CHECK(reference::contains(error_of(batch), "need 4 or 12 amplitudes, got 5"));
  std::vector<Complex> states = given.states;
  batch.initial_states = states;
  states[5] *= 3;
  states[6] += 1;
  CHECK(reference::contains(error_of(batch), "the initial state in sample 1 has norm"));
  states[5] = NAN;
  CHECK(reference::contains(error_of(batch), "initial state in sample 1 has norm nan"));
  const auto own =
      qsim::compile(qsim::Circuit(1).initialize({1.0, 0.0}), {qsim::PauliSum::parse("Z")});
  const std::vector<Complex> one{1.0, 0.0};
  const auto refused =
      reference::error_of<ValueError>([&] { qml::expval<double>(own, {.initial_states = one}); });
  CHECK(reference::contains(refused, "has an initialize of its own"));
  const auto hessian =
      reference::error_of<ValueError>([&] { qml::hessian<double>(given.program, given.batch()); });
  CHECK(reference::contains(hessian, "take no initial states"));
}
