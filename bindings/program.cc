#include "bindings/program.h"

#include <array>
#include <tuple>
#include <utility>

#include "qml/gradients/differentiate.h"
#include "qml/gradients/shift_rule.h"

namespace ketgrad {
namespace {

using qml::Gradients;
using qsim::Observable;
using Optional = std::optional<py::object>;

std::vector<std::string> names_of(const py::object& parameters) {
  std::vector<std::string> out;
  if (parameters.is_none()) return out;
  if (py::isinstance<qsim::Parameter>(parameters)) return {parameters.cast<qsim::Parameter>().name};
  if (py::isinstance<py::str>(parameters)) return {parameters.cast<std::string>()};
  for (const py::handle item : parameters) {
    out.push_back(py::isinstance<py::str>(item) ? item.cast<std::string>()
                                                : item.cast<qsim::Parameter>().name);
  }
  return out;
}

PyProgram compile(const qsim::Circuit& circuit,
                  const std::variant<Observable, std::vector<Observable>>& observables,
                  const py::object& inputs, std::string_view precision) {
  const auto* one = std::get_if<Observable>(&observables);
  auto list = one != nullptr ? std::vector<Observable>{*one}
                             : std::get<std::vector<Observable>>(observables);
  return {qsim::compile(circuit, std::move(list), names_of(inputs)), is_single(precision)};
}

// Calls body(T{}) in the program's precision, without the GIL.
template <class Body>
auto run(const PyProgram& p, const Body& body) {
  const py::gil_scoped_release release;
  return p.single ? body(float{}) : body(double{});
}

RealArray cotangent_array(const PyProgram& p, const PyBatch& batch, const py::object& cotangent) {
  RealArray array = real_array(cotangent, "the cotangent");
  const auto expected = batch.shape({p.program.observables.size()});
  const std::vector<py::ssize_t> got(array.shape(), array.shape() + array.ndim());
  const auto text = [](const std::vector<py::ssize_t>& shape) {
    return py::repr(py::tuple(py::cast(shape))).cast<std::string>();
  };
  qsim::require(got == expected, "the cotangent must have shape ", text(expected), ", got ",
                text(got));
  return array;
}

qml::JacobianOptions jacobian_options(std::string_view method, std::optional<std::int64_t> shots,
                                      std::uint64_t seed, double step) {
  return {qml::diff_method(method), shots, seed, step};
}

void def_values(py::class_<PyProgram>& c) {
  c.def(
       "expval",
       [](const PyProgram& p, const Optional& inputs, const Optional& weights,
          std::optional<std::int64_t> shots, std::uint64_t seed) {
         const PyBatch batch(p.program, inputs, weights);
         auto values = run(p, [&]<class T>(T) {
           return qml::expval<T>(p.program, batch.view(), {shots, seed});
         });
         return to_array(std::move(values), batch.shape({p.program.observables.size()}));
       },
       py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
       py::arg("shots") = py::none(), py::arg("seed") = 0,
       R"(Expectation values, shape (batch, n_observables).

inputs has shape (batch, n_inputs) or (n_inputs,); weights (n_weights,) or (batch, n_weights). There
is a batch axis in the result if and only if one of them has one. With shots, each value is the mean
of that many simulated measurements per Pauli string, the same for the same seed. Raises ValueError
for wrong shapes and for values that are not finite, TypeError for values that are not real.

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), PauliSum('Z'))
>>> prog.expval(weights=[[0.0], [3.141592653589793]]).round(6)
array([[ 1.],
       [-1.]])
)")
      .def(
          "variance",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights) {
            const PyBatch batch(p.program, inputs, weights);
            auto values =
                run(p, [&]<class T>(T) { return qml::variance<T>(p.program, batch.view()); });
            return to_array(std::move(values), batch.shape({p.program.observables.size()}));
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          "Variances <O**2> - <O>**2, shape (batch, n_observables).")
      .def(
          "state",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights) -> py::array {
            const PyBatch batch(p.program, inputs, weights);
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
          "Final amplitudes, shape (batch, 2**n).")
      .def(
          "probs",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights) {
            const PyBatch batch(p.program, inputs, weights);
            auto values =
                run(p, [&]<class T>(T) { return qml::probabilities<T>(p.program, batch.view()); });
            return to_array(std::move(values), batch.shape({qsim::bit(p.program.n_qubits)}));
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          "Outcome probabilities, shape (batch, 2**n).")
      .def(
          "sample",
          [](const PyProgram& p, std::int64_t shots, const Optional& inputs,
             const Optional& weights, std::uint64_t seed) {
            const PyBatch batch(p.program, inputs, weights);
            auto draws = run(p, [&]<class T>(T) {
              return qml::sample<T>(p.program, batch.view(), shots, seed);
            });
            return to_array(std::move(draws), batch.shape({static_cast<std::size_t>(shots)}));
          },
          py::arg("shots"), py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("seed") = 0, "Basis states drawn from the distribution, shape (batch, shots).");
}

// values, inputs and weights of a vector-Jacobian product, in the shapes of the batch.
std::array<py::array_t<double>, 3> vjp(const PyProgram& p, const py::object& cotangent,
                                       const Optional& inputs, const Optional& weights) {
  const PyBatch batch(p.program, inputs, weights);
  const RealArray g = cotangent_array(p, batch, cotangent);
  const std::span<const double> view(g.data(), static_cast<std::size_t>(g.size()));
  Gradients out = run(p, [&]<class T>(T) { return qml::vjp<T>(p.program, batch.view(), view); });
  const std::size_t n_weights = p.program.weights.size();
  const auto weights_shape = batch.weights_per_sample()
                                 ? batch.shape({n_weights})
                                 : std::vector<py::ssize_t>{static_cast<py::ssize_t>(n_weights)};
  return {to_array(std::move(out.values), batch.shape({p.program.observables.size()})),
          to_array(std::move(out.inputs), batch.shape({p.program.inputs.size()})),
          to_array(std::move(out.weights), weights_shape)};
}

void def_gradients(py::class_<PyProgram>& c) {
  c.def(
       "vjp",
       [](const PyProgram& p, const py::object& cotangent, const Optional& inputs,
          const Optional& weights) {
         auto [values, by_inputs, by_weights] = vjp(p, cotangent, inputs, weights);
         return std::pair(by_inputs, by_weights);
       },
       py::arg("cotangent"), py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
       R"(Gradients of sum(cotangent * expval) by the adjoint method: (inputs, weights).

cotangent has the shape of expval's result, and the gradients have the shapes of inputs and weights:
where one row of weights serves the whole batch, its gradient is summed over the batch. One backward
sweep a sample gives everything (Jones & Gacon 2020, arXiv:2009.02823).

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), PauliSum('Z'))
>>> prog.vjp([1.0], weights=[1.5])[1].round(6)
array([-0.997495])
)")
      .def(
          "value_and_vjp",
          [](const PyProgram& p, const py::object& cotangent, const Optional& inputs,
             const Optional& weights) {
            auto [values, by_inputs, by_weights] = vjp(p, cotangent, inputs, weights);
            return std::tuple(values, by_inputs, by_weights);
          },
          py::arg("cotangent"), py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          R"(The expectation values as well, from the same run: (values, inputs, weights).

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), PauliSum('Z'))
>>> prog.value_and_vjp([1.0], weights=[0.0])[0]
array([1.])
)")
      .def(
          "jacobian",
          [](const PyProgram& p, const Optional& inputs, const Optional& weights,
             std::string_view method, std::optional<std::int64_t> shots, std::uint64_t seed,
             double step) {
            const PyBatch batch(p.program, inputs, weights);
            const auto options = jacobian_options(method, shots, seed, step);
            Gradients out = run(
                p, [&]<class T>(T) { return qml::jacobian<T>(p.program, batch.view(), options); });
            const std::size_t n = p.program.observables.size();
            return py::make_tuple(
                to_array(std::move(out.inputs), batch.shape({n, p.program.inputs.size()})),
                to_array(std::move(out.weights), batch.shape({n, p.program.weights.size()})));
          },
          py::arg("inputs") = py::none(), py::arg("weights") = py::none(),
          py::arg("diff_method") = "adjoint", py::arg("shots") = py::none(), py::arg("seed") = 0,
          py::arg("step") = 0.0,
          R"(Derivatives of the expectation values: (inputs, weights), shapes (batch, n_observables, n_...).

diff_method is 'adjoint' (default), 'parameter-shift' (the exact rule of every gate's spectrum,
Wierichs et al. 2022, arXiv:2107.12390; with shots, an unbiased estimate) or 'finite-diff' (central,
step 0 chooses by precision).

>>> prog = compile(Circuit(1).rx(Parameter('a'), 0), PauliSum('Z'))
>>> prog.jacobian(weights=[1.5], diff_method='parameter-shift')[1].round(6)
array([[-0.997495]])
)");
}

}  // namespace

PyBatch::PyBatch(const qsim::Program& program, const Optional& inputs, const Optional& weights) {
  const auto take = [](const Optional& values, std::string_view what, std::size_t columns) {
    if (!values) {
      qsim::require(columns == 0, "the program has ", columns, " ", what, "; none were given");
      return RealArray(0);
    }
    RealArray array = real_array(*values, what);
    qsim::require((array.ndim() == 1 || array.ndim() == 2) &&
                      static_cast<std::size_t>(array.shape(array.ndim() - 1)) == columns,
                  what, " must have shape (", columns, ",) or (batch, ", columns, "), got ",
                  py::repr(array.attr("shape")).cast<std::string>());
    return array;
  };
  inputs_ = take(inputs, "inputs", program.inputs.size());
  weights_ = take(weights, "weights", program.weights.size());
  const bool rows_in = inputs && inputs_.ndim() == 2;
  const bool rows_w = weights && weights_.ndim() == 2;
  has_axis_ = rows_in || rows_w;
  if (rows_in) batch_.size = static_cast<std::size_t>(inputs_.shape(0));
  if (rows_w) batch_.size = static_cast<std::size_t>(weights_.shape(0));
  qsim::require(!rows_in || !rows_w || inputs_.shape(0) == weights_.shape(0), "inputs have ",
                rows_in ? inputs_.shape(0) : 0, " rows and weights ",
                rows_w ? weights_.shape(0) : 0);
  if (rows_w && !rows_in &&
      !program.inputs.empty()) {  // one row of inputs for every row of weights
    const auto columns = inputs_.size();
    RealArray repeated({static_cast<py::ssize_t>(batch_.size), columns});
    for (std::size_t k = 0; k < batch_.size; ++k) {
      std::copy_n(inputs_.data(), columns,
                  repeated.mutable_data() + static_cast<py::ssize_t>(k) * columns);
    }
    inputs_ = repeated;
  }
  batch_.inputs = {inputs_.data(), static_cast<std::size_t>(inputs_.size())};
  batch_.weights = {weights_.data(), static_cast<std::size_t>(weights_.size())};
  batch_.weights_per_sample = rows_w;
}

std::vector<py::ssize_t> PyBatch::shape(const std::vector<std::size_t>& rest) const {
  std::vector<py::ssize_t> out;
  if (has_axis_) out.push_back(static_cast<py::ssize_t>(batch_.size));
  for (const std::size_t size : rest) out.push_back(static_cast<py::ssize_t>(size));
  return out;
}

void bind_program(py::module_& m) {
  py::class_<PyProgram> c(m, "Program",
                          R"(A circuit compiled once, to be run many times; made by compile().

>>> compile(Circuit(2).rx(Parameter('x'), 0).ry(Parameter('w'), 1), inputs=['x'])
<ketgrad.Program: 2 qubits, 2 steps, 1 inputs, 1 weights, 0 observables, double precision>
)");
  c.def_property_readonly(
       "n_qubits", [](const PyProgram& p) { return p.program.n_qubits; }, "The number of qubits.")
      .def_property_readonly(
          "inputs", [](const PyProgram& p) { return p.program.inputs; },
          "Names of the inputs, in order.")
      .def_property_readonly(
          "weights", [](const PyProgram& p) { return p.program.weights; },
          "Names of the weights, in order.")
      .def_property_readonly(
          "n_observables", [](const PyProgram& p) { return p.program.observables.size(); },
          "The number of observables.")
      .def_property_readonly(
          "n_steps", [](const PyProgram& p) { return p.program.steps.size(); },
          "Passes over the state that a run makes.")
      .def_property_readonly(
          "precision", [](const PyProgram& p) { return p.single ? "single" : "double"; },
          "'single' or 'double'.")
      .def("__repr__", [](const PyProgram& p) {
        return qsim::concat("<ketgrad.Program: ", p.program.n_qubits, " qubits, ",
                            p.program.steps.size(), " steps, ", p.program.inputs.size(),
                            " inputs, ", p.program.weights.size(), " weights, ",
                            p.program.observables.size(), " observables, ",
                            p.single ? "single" : "double", " precision>");
      });
  def_values(c);
  def_gradients(c);
  m.def("compile", &compile, py::arg("circuit"),
        py::arg_v("observables", std::vector<Observable>{}, "()"), py::arg("inputs") = py::none(),
        py::arg("precision") = "double",
        R"(Compile a circuit and the observables measured at its end.

observables is one PauliSum or MatrixObservable or a list of them. inputs names the parameters that
carry data (a ParameterVector, Parameter, or list of those or of names); all others are weights, in
order of appearance. precision is 'double' or 'single'.

>>> x, w = ParameterVector('x', 2), ParameterVector('w', 2)
>>> c = Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1)
>>> prog = compile(c, [PauliSum('ZI'), PauliSum('IZ')], inputs=x)
>>> prog.expval(inputs=[[0.1, 0.2], [0.3, 0.4]], weights=[0.5, 0.6]).shape
(2, 2)
)");
  m.def(
      "shift_rule",
      [](const std::vector<double>& frequencies) {
        std::vector<std::pair<double, double>> out;
        for (const auto& [coefficient, shift] : qml::shift_rule(frequencies))
          out.emplace_back(coefficient, shift);
        return out;
      },
      py::arg("frequencies"),
      R"(The parameter-shift rule of a function with these frequencies, as (coefficient, shift).

>>> [(round(c, 3), round(s, 3)) for c, s in shift_rule([1.0])]
[(0.5, 1.571), (-0.5, -1.571)]
)");
}

}  // namespace ketgrad
