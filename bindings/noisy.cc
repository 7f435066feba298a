#include "qml/gradients/noisy.h"

#include <utility>

#include "bindings/arguments.h"
#include "bindings/program.h"
#include "qsim/noise/noise_model.h"

namespace ketgrad {
namespace {

using qml::NoisyProgram;
using OptionalShots = std::optional<ShotsArg>;

struct PyNoisyProgram {
  NoisyProgram program;
  bool single = false;
  [[nodiscard]] const std::vector<std::string>& weights() const {
    return program.schedule.angles.weights;
  }
};

qml::NoisyMethod method_of(std::string_view name) {
  if (name == "auto") return qml::NoisyMethod::kAuto;
  if (name == "adjoint") return qml::NoisyMethod::kSweep;
  qsim::require(name == "parameter-shift", "diff_method is '", name,
                "'; it must be 'auto', 'adjoint' or 'parameter-shift'");
  return qml::NoisyMethod::kShift;
}

// Values of a shape, for a batch with (batch, ...) in front; or with their standard errors.
template <class Call>
MaybeErrors<py::array_t<double>> evaluate(const PyNoisyProgram& p,
                                          const std::optional<py::object>& weights,
                                          const OptionalShots& trajectories, const SeedArg& seed,
                                          bool return_std, const std::vector<std::size_t>& shape,
                                          const Call& call) {
  const PyBatch batch(p.program.schedule.angles, {}, weights, {});
  qml::NoisySampling sampling;
  if (trajectories) sampling = {trajectories->value, seed.get()};
  const auto run = [&]<class T>(T) {
    return call(T{}, batch.view().weights, sampling, batch.view().size);
  };
  auto found = [&] {
    const py::gil_scoped_release release;
    return p.single ? run(float{}) : run(double{});
  }();
  py::object out = to_array(std::move(found.values), batch.shape(shape));
  if (!return_std) return out;
  return py::make_tuple(out, to_array(std::move(found.errors), batch.shape(shape)));
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
<ketgrad.NoisyProgram: 1 qubits, 1 weights, 1 observables, double precision>
)");
  c.def_property_readonly(
       "n_qubits", [](const PyNoisyProgram& p) { return p.program.schedule.n_qubits; },
       "The number of qubits.")
      .def_property_readonly(
          "weights", [](const PyNoisyProgram& p) { return p.weights(); },
          "Names of the parameters, in order of appearance.")
      .def_property_readonly(
          "n_observables", [](const PyNoisyProgram& p) { return p.program.observables.size(); },
          "The number of observables.")
      .def_property_readonly(
          "precision", [](const PyNoisyProgram& p) { return p.single ? "single" : "double"; },
          "'single' or 'double'.")
      .def(
          "expval",
          [](const PyNoisyProgram& p, const std::optional<py::object>& weights,
             const OptionalShots& trajectories, const SeedArg& seed, bool return_std) {
            return evaluate(p, weights, trajectories, seed, return_std,
                            {p.program.observables.size()},
                            [&]<class T>(T, const auto&... arguments) {
                              return qml::noisy_expval<T>(p.program, arguments...);
                            });
          },
          py::arg("weights") = py::none(), py::arg("trajectories") = py::none(),
          py::arg("seed") = py::none(), py::arg("return_std") = false,
          R"(Expectation values at the end, shape (n_observables,), or (batch, n_observables) for a batch.

weights has shape (n_weights,) or (batch, n_weights). Raises ValueError for another shape and for
values that are not finite.

>>> noise = NoiseModel().add(Channel.phase_flip(0.25))
>>> noisy = compile_noisy(Circuit(1).ry(Parameter('a'), 0), ['X', 'Z'], noise)
>>> noisy.expval([1.5707963267948966]).round(12)
array([0.5, 0. ])
>>> noisy.expval([0.0], trajectories=100, seed=1, return_std=True)[1]
array([0., 0.])
>>> noisy.expval([[0.0], [1.5707963267948966]]).round(12)
array([[0. , 1. ],
       [0.5, 0. ]])
)")
      .def(
          "jacobian",
          [](const PyNoisyProgram& p, const std::optional<py::object>& weights,
             const OptionalShots& trajectories, const SeedArg& seed, bool return_std,
             std::string_view diff_method) {
            const qml::NoisyMethod method = method_of(diff_method);
            return evaluate(p, weights, trajectories, seed, return_std,
                            {p.program.observables.size(), p.weights().size()},
                            [&]<class T>(T, const auto&... arguments) {
                              return qml::noisy_jacobian<T>(p.program, arguments..., method);
                            });
          },
          py::arg("weights") = py::none(), py::arg("trajectories") = py::none(),
          py::arg("seed") = py::none(), py::arg("return_std") = false,
          py::arg("diff_method") = "auto",
          R"(Derivatives of the expectation values, shape (n_observables, n_weights).

For a batch of weights, of shape (batch, n_weights), the shape is (batch, n_observables, n_weights).
diff_method is 'adjoint' (one run forwards and one back, however many angles there are; exact only),
'parameter-shift' (each gate's angle is shifted by itself, as its generator's spectrum demands, and
the chain rule does the rest; each shifted circuit has trajectories of its own), or 'auto': adjoint,
but parameter-shift for trajectories and where the memory is too small for adjoint. Raises ValueError
for another one and, by parameter-shift, for amplitudes given as parameters.

>>> noise = NoiseModel().add(Channel.phase_flip(0.25))
>>> noisy = compile_noisy(Circuit(1).ry(2 * Parameter('a'), 0), 'X', noise)
>>> noisy.jacobian([0.0]).round(12)
array([[1.]])
)")
      .def("__repr__", [](const PyNoisyProgram& p) {
        return qsim::concat("<ketgrad.NoisyProgram: ", p.program.schedule.n_qubits, " qubits, ",
                            p.weights().size(), " weights, ", p.program.observables.size(),
                            " observables, ", p.single ? "single" : "double", " precision>");
      });
  m.def(
      "compile_noisy",
      [](const qsim::Circuit& circuit, ObservablesArg observables,
         const std::optional<qsim::NoiseModel>& noise, std::string_view precision) {
        return PyNoisyProgram{
            NoisyProgram(noise ? noise->apply(circuit) : circuit, std::move(observables.value)),
            is_single(precision)};
      },
      py::arg("circuit"), py::arg("observables"), py::arg("noise") = py::none(),
      py::arg("precision") = "double",
      R"(Prepare a circuit with noise for expectation values and their gradients.

The circuit may have measurements, resets, channels and conditions of its own; noise is a NoiseModel.
All parameters are weights. observables and precision are as for compile(). Readout errors do not
enter: observables are of the state, and measured bits matter through conditions only.

>>> noise = NoiseModel().add(Channel.depolarizing(0.1))
>>> compile_noisy(Circuit(1).rx(Parameter('a'), 0), 'Z', noise).expval([0.0])
array([0.9])
)");
}

}  // namespace ketgrad
