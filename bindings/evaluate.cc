#include "qml/gradients/evaluate.h"

#include <utility>

#include "bindings/arguments.h"
#include "bindings/program.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;
using OptionalShots = std::optional<ShotsArg>;
using qml::Quantity;

// A real quantity.
py::array_t<double> evaluate(const PyProgram& p, const Optional& inputs, const Optional& weights,
                             Quantity quantity, const Optional& initial_state,
                             const OptionalShots& shots = {}, const SeedArg& seed = {}) {
  const PyBatch batch(p.program, inputs, weights, initial_state);
  qml::Sampling sampling;
  if (shots) sampling = {shots->value, seed.get()};
  auto values = run(
      p, [&]<class T>(T) { return qml::evaluate<T>(p.program, batch.view(), quantity, sampling); });
  return to_array(std::move(values), batch.shape({qml::n_values(p.program, quantity)}));
}

}  // namespace

void def_values(py::class_<PyProgram>& c) {
  c.def(
       "expval",
       [](const PyProgram& p, const Optional& inputs, const Optional& weights,
          const OptionalShots& shots, const SeedArg& seed, const Optional& initial_state) {
         return evaluate(p, inputs, weights, Quantity::kExpval, initial_state, shots, seed);
       },
       py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
       py::arg("shots") = py::none(), py::arg("seed") = py::none(),
       py::arg("initial_state") = py::none(),
       R"(Expectation values, shape (n_observables,), or (batch, n_observables) for a batch.

With shots, each value is the mean of that many simulated measurements per Pauli string. The same
seed gives the same shots; None draws a fresh one. Raises ValueError without observables.

initial_state, here as in the methods below, is a state to begin with in place of |0...0>: normalised
complex amplitudes of shape (2**n,), or (batch, 2**n) for one a sample. Raises ValueError where it is
neither that nor finite nor of norm 1 within 1e-6, and where the circuit has an initialize of its own.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), 'Z')
>>> prog.expval(weights=[0.0])
array([1.])
>>> prog.expval(weights=[[0.0], [3.141592653589793]]).round(6)
array([[ 1.],
       [-1.]])
>>> prog.expval(weights=[0.0], shots=100, seed=1)
array([1.])
>>> prog.expval(weights=[0.0], initial_state=[0, 1])
array([-1.])
)")
      .def(
          "variance",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights,
             const Optional& initial_state) {
            return evaluate(p, inputs, weights, Quantity::kVariance, initial_state);
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("initial_state") = py::none(),
          R"(Variances <O**2> - <O>**2, shape (n_observables,), or (batch, n_observables) for a batch.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), ['Z', 'X'])
>>> prog.variance(weights=[0.0]).round(6)
array([0., 1.])
)")
      .def(
          "state",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights,
             const Optional& initial_state) -> py::array {
            const PyBatch batch(p.program, inputs, weights, initial_state);
            const auto shape = batch.shape({qsim::bit(p.program.n_qubits)});
            const auto get = [&]<class T>(T) -> py::array {
              std::vector<std::complex<T>> amplitudes;
              {
                const py::gil_scoped_release release;
                amplitudes = qml::states<T>(p.program, batch.view());
              }
              return to_array(std::move(amplitudes), shape);
            };
            return p.single ? get(float{}) : get(double{});
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("initial_state") = py::none(),
          R"(Final amplitudes, shape (2**n,), or (batch, 2**n) for a batch.

complex128, or complex64 in single precision. Bit k of an amplitude's index is qubit k.

>>> prog = compile(Circuit(2).x(1).ry(Parameter('a'), 0))
>>> prog.state(weights=[0.0])
array([0.+0.j, 0.+0.j, 1.+0.j, 0.+0.j])
>>> prog.state(weights=[[0.0], [1.0], [2.0]]).shape
(3, 4)
)")
      .def(
          "probs",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights,
             const OptionalShots& shots, const SeedArg& seed, const Optional& initial_state) {
            return evaluate(p, inputs, weights, Quantity::kProbs, initial_state, shots, seed);
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("shots") = py::none(), py::arg("seed") = py::none(),
          py::arg("initial_state") = py::none(),
          R"(Probabilities of the basis states, shape (2**n,), or (batch, 2**n) for a batch.

Bit k of the index is qubit k. With shots, the frequencies in that many simulated measurements of
all qubits. The same seed gives the same shots; None draws a fresh one.

>>> prog = compile(Circuit(2).x(1).ry(Parameter('a'), 0))
>>> prog.probs(weights=[0.0])
array([0., 0., 1., 0.])
)")
      .def(
          "sample",
          [](const PyProgram& p, const ShotsArg& shots, const Optional& inputs,
             const Optional& weights, const SeedArg& seed, const Optional& initial_state) {
            const PyBatch batch(p.program, inputs, weights, initial_state);
            auto draws = run(p, [&]<class T>(T) {
              return qml::sample<T>(p.program, batch.view(), shots.value, seed.get());
            });
            return to_array(std::move(draws), batch.shape({static_cast<std::size_t>(shots.value)}));
          },
          py::arg("shots"), py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("seed") = py::none(), py::arg("initial_state") = py::none(),
          R"(Basis states drawn from the distribution, shape (shots,), or (batch, shots) for a batch.

Bit k of a basis state is the outcome of qubit k. The same seed gives the same draws; None draws a
fresh one.

>>> prog = compile(Circuit(2).x(1).ry(Parameter('a'), 0))
>>> prog.sample(3, weights=[0.0])
array([2, 2, 2], dtype=uint64)
)");
}

}  // namespace ketgrad
