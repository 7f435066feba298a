#include "bindings/noisy.h"

#include <algorithm>
#include <span>
#include <utility>

#include "bindings/arguments.h"
#include "bindings/goes_with.h"
#include "bindings/pickled.h"
#include "bindings/program.h"
#include "qsim/noise/noise_model.h"

namespace ketgrad {
namespace {

using qml::NoisyProgram;
using Optional = std::optional<py::object>;
using OptionalShots = std::optional<ShotsArg>;

PyNoisyProgram prepared(qsim::Circuit circuit, std::vector<qsim::Observable> observables,
                        const std::vector<std::string>& inputs, const qsim::AskedNames& weights,
                        bool single) {
  return {NoisyProgram(circuit, std::move(observables), inputs, weights), single,
          std::move(circuit)};
}

bool equal_noisy(const PyNoisyProgram& a, const PyNoisyProgram& b) {
  return a.single == b.single && a.angles().inputs == b.angles().inputs &&
         a.angles().weights == b.angles().weights &&
         a.program.observables == b.program.observables && a.circuit == b.circuit;
}

// Every sample's parameters, inputs first.
std::vector<double> rows_of(const qsim::Program& program, const qsim::Batch& batch) {
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  std::vector<double> out;
  out.reserve(batch.size * program.n_parameters());
  for (std::size_t k = 0; k < batch.size; ++k) {
    const auto inputs = batch.inputs.subspan(k * n_inputs, n_inputs);
    const std::size_t row = batch.weights_per_sample ? k : 0;
    const auto weights = batch.weights.subspan(row * n_weights, n_weights);
    out.insert(out.end(), inputs.begin(), inputs.end());
    out.insert(out.end(), weights.begin(), weights.end());
  }
  return out;
}

// Some columns of rows of a width.
std::vector<double> columns(const std::vector<double>& rows, std::size_t width, std::size_t first,
                            std::size_t count) {
  std::vector<double> out;
  for (std::size_t at = first; at < rows.size(); at += width) {
    for (std::size_t k = 0; k < count; ++k) out.push_back(rows[at + k]);
  }
  return out;
}

qml::NoisyMethod method_of(std::string_view name) {
  if (name == "auto") return qml::NoisyMethod::kAuto;
  if (name == "adjoint") return qml::NoisyMethod::kSweep;
  qsim::require(name == "parameter-shift", "diff_method is '", name,
                "'; it must be 'auto', 'adjoint' or 'parameter-shift'");
  return qml::NoisyMethod::kShift;
}

// Calls call(T{}, parameters, sampling, size of the batch) without the GIL.
template <class Call>
auto evaluate(const PyNoisyProgram& p, const PyBatch& batch, const OptionalShots& trajectories,
              const SeedArg& seed, const Call& call) {
  require_goes_with(seed.value.has_value(), "seed", trajectories.has_value(), "trajectories");
  const std::vector<double> parameters = rows_of(p.angles(), batch.view());
  qml::NoisySampling sampling;
  if (trajectories) sampling = {trajectories->value, seed.get()};
  const WithoutGil release;
  return p.single ? call(float{}, parameters, sampling, batch.view().size)
                  : call(double{}, parameters, sampling, batch.view().size);
}

MaybeErrors<py::array_t<double>> expval(const PyNoisyProgram& p, const Optional& inputs,
                                        const Optional& weights, const OptionalShots& trajectories,
                                        const SeedArg& seed, bool return_std) {
  const PyBatch batch(p.angles(), inputs, weights);
  qml::NoisyValues found =
      evaluate(p, batch, trajectories, seed, [&]<class T>(T, const auto&... arguments) {
        return qml::noisy_expval<T>(p.program, arguments...);
      });
  const auto shape = batch.shape({p.program.observables.size()});
  py::object values = to_array(std::move(found.values), shape);
  if (!return_std) return values;
  return py::make_tuple(values, to_array(std::move(found.errors), shape));
}

using Arrays = py::typing::Tuple<py::array_t<double>, py::ellipsis>;

Arrays jacobian(const PyNoisyProgram& p, const Optional& inputs, const Optional& weights,
                const OptionalShots& trajectories, const SeedArg& seed, bool return_std,
                std::string_view diff_method) {
  const qml::NoisyMethod method = method_of(diff_method);
  const PyBatch batch(p.angles(), inputs, weights);
  const qml::NoisyValues found =
      evaluate(p, batch, trajectories, seed, [&]<class T>(T, const auto&... arguments) {
        return qml::noisy_jacobian<T>(p.program, arguments..., method);
      });
  py::list arrays;
  const std::size_t n_inputs = p.angles().inputs.size();
  const std::size_t n_weights = p.angles().weights.size();
  const auto add = [&](const std::vector<double>& rows, std::size_t first, std::size_t count) {
    arrays.append(to_array(columns(rows, n_inputs + n_weights, first, count),
                           batch.shape({p.program.observables.size(), count})));
  };
  add(found.values, 0, n_inputs);
  add(found.values, n_inputs, n_weights);
  if (return_std) {
    add(found.errors, 0, n_inputs);
    add(found.errors, n_inputs, n_weights);
  }
  return py::tuple(arrays);
}

std::pair<py::array_t<double>, py::array_t<double>> vjp(const PyNoisyProgram& p,
                                                        const py::object& cotangent,
                                                        const Optional& inputs,
                                                        const Optional& weights) {
  const PyBatch batch(p.angles(), inputs, weights);
  const RealArray g = real_array(cotangent, "the cotangent");
  const auto expected = batch.shape({p.program.observables.size()});
  if (!std::ranges::equal(std::span(g.shape(), static_cast<std::size_t>(g.ndim())), expected)) {
    qsim::fail("the cotangent must have shape ",
               py::repr(py::tuple(py::cast(expected))).cast<std::string>(), ", got ", ShapeOf{g});
  }
  const std::span<const double> cotangents(g.data(), static_cast<std::size_t>(g.size()));
  const std::vector<double> rows =
      evaluate(p, batch, {}, {}, [&]<class T>(T, const auto& parameters, const auto&, auto size) {
        return qml::noisy_vjp<T>(p.program, parameters, cotangents, size);
      });
  const std::size_t n_inputs = p.angles().inputs.size();
  const std::size_t n_weights = p.angles().weights.size();
  const std::size_t width = n_inputs + n_weights;
  auto by_inputs = to_array(columns(rows, width, 0, n_inputs), batch.shape({n_inputs}));
  std::vector<double> by_weights = columns(rows, width, n_inputs, n_weights);
  if (batch.weights_per_sample()) {
    return {by_inputs, to_array(std::move(by_weights), batch.shape({n_weights}))};
  }
  std::vector<double> sums(n_weights);
  for (std::size_t k = 0; k < by_weights.size(); ++k) sums[k % n_weights] += by_weights[k];
  return {by_inputs, to_array(std::move(sums), {static_cast<py::ssize_t>(n_weights)})};
}

}  // namespace

void bind_noisy(py::module_& m) {
  py::class_<PyNoisyProgram> c(
      m, "NoisyProgram",
      R"(A circuit with noise and observables at its end; made by compile_noisy().

Values are exact, from density matrices, unless a number of trajectories is given: then each is the
mean over that many runs of the state, and return_std=True returns (values, standard errors). The same
seed gives the same values, on any number of threads; None draws a fresh one.

>>> compile_noisy(Circuit(1).rx(Parameter('a'), 0), 'Z')
<ketgrad.NoisyProgram: 1 qubits, 0 inputs, 1 weights, 1 observables, double precision>
)");
  c.def_property_readonly(
       "n_qubits", [](const PyNoisyProgram& p) { return p.program.schedule.n_qubits; },
       "The number of qubits.")
      .def_property_readonly(
          "inputs", [](const PyNoisyProgram& p) { return p.angles().inputs; },
          "Names of the parameters that carry data, in the order of the data's columns.")
      .def_property_readonly(
          "weights", [](const PyNoisyProgram& p) { return p.angles().weights; },
          "Names of the weights, in order.")
      .def_property_readonly(
          "n_observables", [](const PyNoisyProgram& p) { return p.program.observables.size(); },
          "The number of observables.")
      .def_property_readonly(
          "precision", [](const PyNoisyProgram& p) { return p.single ? "single" : "double"; },
          "'single' or 'double'.")
      .def(
          "expval", &expval, py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("trajectories") = py::none(), py::arg("seed") = py::none(),
          py::arg("return_std") = false,
          R"(Expectation values at the end, shape (n_observables,), or (batch, n_observables) for a batch.

inputs has shape (n_inputs,) or (batch, n_inputs), weights (n_weights,) or (batch, n_weights). Raises
ValueError for another shape and for values that are not finite.

>>> noise = NoiseModel().add(Channel.phase_flip(0.25))
>>> noisy = compile_noisy(Circuit(1).ry(Parameter('a'), 0), ['X', 'Z'], noise)
>>> noisy.expval(weights=[1.5707963267948966]).round(12)
array([0.5, 0. ])
>>> noisy.expval(weights=[0.0], trajectories=100, seed=1, return_std=True)[1]
array([0., 0.])
>>> noisy.expval(weights=[[0.0], [1.5707963267948966]]).round(12)
array([[0. , 1. ],
       [0.5, 0. ]])
)")
      .def(
          "probs",
          [](const PyNoisyProgram& p, const Optional& inputs, const Optional& weights,
             const std::optional<QubitsArg>& qubits) {
            const PyBatch batch(p.angles(), inputs, weights);
            const std::vector<qsim::Qubit> measured =
                qubits ? qubits->value : std::vector<qsim::Qubit>();
            qsim::require(!qubits || !measured.empty(), "there are no probabilities of no qubits");
            auto values = evaluate(
                p, batch, {}, {}, [&]<class T>(T, const auto& parameters, const auto&, auto size) {
                  return qml::noisy_probs<T>(p.program, parameters, measured, size);
                });
            const auto n = measured.empty() ? static_cast<std::size_t>(p.program.schedule.n_qubits)
                                            : measured.size();
            return to_array(std::move(values), batch.shape({std::size_t{1} << n}));
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("qubits") = py::none(),
          R"(Probabilities of the basis states at the end, shape (2**n,), or (batch, 2**n) for a batch.

Bit k of the index is qubit k; or qubits[k], of the 2**len(qubits) outcomes of measuring these alone.
Exact, from the density matrix; readout errors are of measurements in the circuit, not of these. Raises
ValueError for repeated qubits, for an empty list, and as expval().

>>> noise = NoiseModel().add(Channel.bit_flip(0.25))
>>> noisy = compile_noisy(Circuit(2).rx(Parameter('a'), 0), 'ZZ', noise)
>>> noisy.probs(weights=[0.0]).round(12)
array([0.75, 0.25, 0.  , 0.  ])
>>> noisy.probs(weights=[[0.0], [3.141592653589793]], qubits=[0]).round(12)
array([[0.75, 0.25],
       [0.25, 0.75]])
)")
      .def("jacobian", &jacobian, py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
           py::arg("trajectories") = py::none(), py::arg("seed") = py::none(),
           py::arg("return_std") = false, py::arg("diff_method") = "auto",
           R"(Derivatives of the expectation values by all parameters: (inputs, weights).

Shapes (n_observables, n_inputs) and (n_observables, n_weights), for a batch with (batch, ...) in
front. diff_method is 'adjoint' (one run forwards and one back, however many angles there are; exact
only), 'parameter-shift' (each gate's angle is shifted by itself, as its generator's spectrum demands,
and the chain rule does the rest; each shifted circuit has trajectories of its own), or 'auto':
adjoint, but parameter-shift for trajectories and where the memory is too small for adjoint.
return_std appends the standard errors, (inputs_std, weights_std). Raises ValueError for another
method and, by parameter-shift, for amplitudes given as parameters.

>>> noise = NoiseModel().add(Channel.phase_flip(0.25))
>>> noisy = compile_noisy(Circuit(1).ry(2 * Parameter('a'), 0), 'X', noise)
>>> noisy.jacobian(weights=[0.0])[1].round(12)
array([[1.]])
)")
      .def("vjp", &vjp, py::arg("cotangent"), py::arg("inputs") = py::none(),
           py::arg("weights") = py::none(),
           R"(Gradients of sum(cotangent * values), exact, by the adjoint method: (inputs, weights).

The cotangent has the shape of the values of expval(), the gradients have those of inputs and weights:
where one row of weights serves a whole batch, its gradient is summed over the batch. One run forwards
and one back a sample, however many observables and angles there are. Raises ValueError for another
shape.

>>> x = Parameter('x')
>>> circuit = Circuit(1).ry(x, 0).rx(Parameter('w'), 0)
>>> noise = NoiseModel().add(Channel.depolarizing(0.1))
>>> noisy = compile_noisy(circuit, 'Z', noise, inputs=x)
>>> noisy.vjp([[1.0], [1.0]], inputs=[[0.0], [0.0]], weights=[1.5707963267948966])[1].round(12)
array([-1.62])
)")
      .def("__eq__", &equal_noisy, py::arg("other"), py::is_operator())
      .def("__repr__",
           [](const PyNoisyProgram& p) {
             return qsim::concat("<ketgrad.NoisyProgram: ", p.program.schedule.n_qubits,
                                 " qubits, ", p.angles().inputs.size(), " inputs, ",
                                 p.angles().weights.size(), " weights, ",
                                 p.program.observables.size(), " observables, ",
                                 p.single ? "single" : "double", " precision>");
           })
      .def(py::pickle(
          [](const PyNoisyProgram& p) {
            return py::make_tuple(p.circuit, p.program.observables, p.angles().inputs, p.single,
                                  p.angles().weights);
          },
          [](const py::tuple& state) {
            using Names = std::vector<std::string>;
            auto [circuit, observables, inputs, single, weights] =
                parts_of<qsim::Circuit, std::vector<qsim::Observable>, Names, bool, Names>(
                    state, "NoisyProgram");
            return prepared(std::move(circuit), std::move(observables), inputs, weights, single);
          }));
  c.attr("__hash__") = py::none();
  def_circuit(c, "compile_noisy");
  m.def(
      "compile_noisy",
      [](const qsim::Circuit& circuit, ObservablesArg observables,
         const std::optional<qsim::NoiseModel>& noise, const NamesArg& inputs,
         std::string_view precision, const NamesArg& weights) {
        return prepared(noise ? noise->apply(circuit) : circuit, std::move(observables.value),
                        inputs.value, weights.asked(), is_single(precision));
      },
      py::arg("circuit"), py::arg("observables"), py::arg("noise") = py::none(),
      py::arg("inputs") = py::none(), py::arg("precision") = "double",
      py::arg("weights") = py::none(),
      R"(Prepare a circuit with noise for expectation values and their gradients.

The circuit may have measurements, resets, channels and conditions of its own; noise is a NoiseModel.
observables, inputs, precision and weights are as for compile(). Observables are of the state:
measured bits, and readout errors, matter through conditions only.

>>> noise = NoiseModel().add(Channel.depolarizing(0.1))
>>> compile_noisy(Circuit(1).rx(Parameter('a'), 0), 'Z', noise).expval(weights=[0.0])
array([0.9])
)");
}

}  // namespace ketgrad
