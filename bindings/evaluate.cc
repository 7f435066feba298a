#include "qml/derivatives/evaluate.h"

#include <cmath>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/goes_with.h"
#include "bindings/marginal.h"
#include "bindings/program.h"
#include "qml/derivatives/estimate.h"

namespace ketgrad {
namespace {

using Optional = std::optional<py::object>;
using OptionalShots = std::optional<ShotsArg>;
using qsim::Quantity;

// A real quantity.
py::array_t<double> evaluate(const PyProgram& p, const Optional& inputs, const Optional& weights,
                             Quantity quantity, const Optional& initial_state,
                             const OptionalShots& shots = {}, const SeedArg& seed = {}) {
  const PyBatch batch(p.program, inputs, weights, initial_state);
  qsim::Sampling sampling;
  if (shots) sampling = {shots->value, seed.get()};
  auto values = run(
      p, [&]<class T>(T) { return qml::evaluate<T>(p.program, batch.view(), quantity, sampling); });
  return to_array(std::move(values), batch.shape({qsim::n_values(p.program, quantity)}));
}

MaybeErrors<py::array_t<double>> expval(const PyProgram& p, const PyBatch& batch,
                                        const qml::EstimateOptions& options, bool return_std) {
  const auto shape = batch.shape({p.program.observables.size()});
  if (options.shots == 0 && !return_std) {
    return to_array(run(p, [&]<class T>(T) { return qml::expval<T>(p.program, batch.view()); }),
                    shape);
  }
  auto [means, variances] =
      run(p, [&]<class T>(T) { return qml::estimate<T>(p.program, batch.view(), options); });
  if (!return_std) return to_array(std::move(means), shape);
  for (double& variance : variances) variance = std::sqrt(variance);
  return py::make_tuple(to_array(std::move(means), shape), to_array(std::move(variances), shape));
}

}  // namespace

void def_values(py::class_<PyProgram>& c) {
  c.def(
       "expval",
       [](const PyProgram& p, const Optional& inputs, const Optional& weights,
          const OptionalShots& shots, const SeedArg& seed, const Optional& initial_state,
          std::string_view grouping, std::string_view allocation, bool return_std) {
         require_goes_with(seed.value.has_value(), "seed", shots.has_value(), "shots");
         require_goes_with(grouping != "none", "grouping", shots.has_value(), "shots");
         require_goes_with(allocation != "each", "shot_allocation", shots.has_value(), "shots");
         const qml::EstimateOptions options{.shots = shots ? shots->value : 0,
                                            .seed = shots ? seed.get() : 0,
                                            .grouping = qsim::grouping(grouping),
                                            .allocation = qml::shot_allocation(allocation)};
         return expval(p, PyBatch(p.program, inputs, weights, initial_state), options, return_std);
       },
       py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
       py::arg("shots") = py::none(), py::arg("seed") = py::none(),
       py::arg("initial_state") = py::none(), py::arg("grouping") = "none",
       py::arg("shot_allocation") = "each", py::arg("return_std") = false,
       R"(Expectation values, shape (n_observables,), or (batch, n_observables) for a batch.

With shots, each value is the mean of that many simulated measurements of every setting; 0 shots, as
None, give exact values. The same seed gives the same shots; None draws a fresh one. Raises ValueError
without observables.

A setting is a Pauli string of one observable, or one of all their groups of strings that commute
qubit by qubit (grouping 'qubitwise') or altogether ('full'), which share shots; a matrix observable is
a setting of its own. shot_allocation says what the number of shots means: 'each' gives that many to
every setting; it is the total of a sample with 'uniform', spread evenly, and with 'weighted', in
proportion to the sum over observables of sqrt(sum of coefficients**2) in the setting. With return_std
the result is (values, standard errors), as estimated without bias from the spread of the same shots,
with the covariances of strings that share them; infinite for a single shot.

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
>>> values, std = prog.expval(weights=[1.5], shots=10_000, seed=1, return_std=True)
>>> bool(abs(values - 0.070737) < 4 * std)
True
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
                const WithoutGil release;
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
             const OptionalShots& shots, const SeedArg& seed, const Optional& initial_state,
             const MeasuredQubits& qubits) {
            require_goes_with(seed.value.has_value(), "seed", shots.has_value(), "shots");
            const Marginal measured(p, qubits, Quantity::kProbs, initial_state.has_value());
            return evaluate(measured.get(), inputs, weights, Quantity::kProbs, initial_state, shots,
                            seed);
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("shots") = py::none(), py::arg("seed") = py::none(),
          py::arg("initial_state") = py::none(), py::arg("qubits") = py::none(),
          R"(Probabilities of the basis states, shape (2**n,), or (batch, 2**n) for a batch.

Bit k of the index is qubit k; or qubits[k], of the 2**len(qubits) outcomes of measuring these alone,
for which only gates are run, and only their angles looked at, that can make a difference there
(Circuit.light_cone). With shots, the
frequencies in that many simulated measurements. The same seed gives the same shots; None draws a
fresh one. Raises ValueError for repeated qubits.

>>> prog = compile(Circuit(2).x(1).ry(Parameter('a'), 0))
>>> prog.probs(weights=[0.0])
array([0., 0., 1., 0.])
>>> prog.probs(weights=[0.0], qubits=[1])
array([0., 1.])
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
