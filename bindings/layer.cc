#include "bindings/layer.h"

#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/dataset.h"
#include "bindings/goes_with.h"
#include "bindings/loss_result.h"
#include "bindings/marginal.h"
#include "bindings/noisy.h"
#include "bindings/pickled.h"
#include "bindings/program.h"
#include "qml/models/layers/activation.h"
#include "qml/models/layers/chain.h"
#include "qml/models/layers/circuit_layer.h"
#include "qml/models/layers/dense.h"
#include "qml/models/layers/frozen.h"
#include "qml/models/layers/noisy_layer.h"
#include "qml/models/layers/patches.h"
#include "qml/models/layers/recurrent.h"
#include "qml/models/layers/recurrent_circuit.h"
#include "qml/models/layers/scale_shift.h"
#include "qml/models/layers/shared.h"
#include "qsim/json/text.h"

namespace ketgrad {
namespace {

using qml::LayerPtr;

// A kind of layer.
template <class Kind>
struct PyKind : PyLayer {};

template <class... Kinds>
struct KindList {
  static py::object object(const LayerPtr& layer) {
    py::object out;
    const auto try_one = [&]<class Kind> {
      if (!out && dynamic_cast<const Kind*>(layer.get()) != nullptr) {
        out = py::cast(PyKind<Kind>{{layer}});
      }
    };
    (try_one.template operator()<Kinds>(), ...);
    return out;
  }
};
using AllKinds = KindList<qml::CircuitLayer, qml::NoisyLayer, qml::Dense, qml::Activation,
                          qml::ScaleShift, qml::Chain, qml::Patches, qml::Recurrent,
                          qml::RecurrentCircuit, qml::Shared, qml::Frozen>;

std::string shape_of(const RealArray& array) {
  return shape_text({array.shape(), array.shape() + array.ndim()});
}

// Rows of a layer's inputs: a matrix, or a vector for one row.
class LayerInputs {
 public:
  LayerInputs(const qml::Layer& layer, const py::object& inputs, const py::object& parameters)
      : inputs_(real_array(inputs, "inputs")), parameters_(real_array(parameters, "parameters")) {
    const std::size_t n = layer.n_inputs();
    const auto last = inputs_.ndim() > 0 ? inputs_.shape(inputs_.ndim() - 1) : -1;
    if ((inputs_.ndim() != 1 && inputs_.ndim() != 2) || last != static_cast<py::ssize_t>(n)) {
      qsim::fail("inputs must have shape (", n, ",) or (rows, ", n, "), got ", shape_of(inputs_));
    }
    if (parameters_.ndim() != 1 ||
        static_cast<std::size_t>(parameters_.size()) != layer.n_parameters()) {
      qsim::fail("parameters must have shape (", layer.n_parameters(), ",), got ",
                 shape_of(parameters_));
    }
    rows_ = inputs_.ndim() == 1 ? 1 : static_cast<std::size_t>(inputs_.shape(0));
  }

  [[nodiscard]] qml::LayerCall call() const { return {rows_, view(inputs_), view(parameters_)}; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  // (rows, n), or (n,) of one row that came as a vector.
  [[nodiscard]] std::vector<py::ssize_t> shape(std::size_t n) const {
    if (inputs_.ndim() == 1) return {static_cast<py::ssize_t>(n)};
    return {static_cast<py::ssize_t>(rows_), static_cast<py::ssize_t>(n)};
  }

 private:
  RealArray inputs_;
  RealArray parameters_;
  std::size_t rows_ = 0;
};

py::array_t<double> forward(const PyLayer& self, const py::object& inputs,
                            const py::object& parameters) {
  const qml::Layer& layer = *self.layer;
  const LayerInputs in(layer, inputs, parameters);
  std::vector<double> out(in.rows() * layer.n_outputs());
  if (in.rows() > 0) {
    const WithoutGil release;
    layer.forward(in.call(), out);
  }
  return to_array(std::move(out), in.shape(layer.n_outputs()));
}

using ThreeArrays = std::tuple<py::array_t<double>, py::array_t<double>, py::array_t<double>>;

ThreeArrays value_and_vjp(const PyLayer& self, const py::object& cotangent,
                          const py::object& inputs, const py::object& parameters) {
  const qml::Layer& layer = *self.layer;
  const LayerInputs in(layer, inputs, parameters);
  const RealArray g = real_array(cotangent, "the cotangent");
  const std::vector<py::ssize_t> expected = in.shape(layer.n_outputs());
  if (const std::vector<py::ssize_t> got(g.shape(), g.shape() + g.ndim()); got != expected) {
    qsim::fail("the cotangent must have shape ", shape_text(expected), ", got ", shape_text(got));
  }
  for (std::size_t k = 0; k < view(g).size(); ++k) {
    qsim::require(std::isfinite(view(g)[k]), "the cotangent of output ", k % layer.n_outputs(),
                  " of row ", k / layer.n_outputs(), " is ", view(g)[k], "; it must be finite");
  }
  std::vector<double> outputs(in.rows() * layer.n_outputs());
  std::vector<double> by_inputs(in.rows() * layer.n_inputs());
  std::vector<double> by_parameters(layer.n_parameters());
  if (in.rows() > 0) {
    const WithoutGil release;
    layer.vjp(in.call(), qml::known_cotangents(view(g), layer.n_outputs()),
              {outputs, by_inputs, by_parameters}, qml::Asking::kSomeAtATime);
  }
  const auto n_parameters = static_cast<py::ssize_t>(by_parameters.size());
  return {to_array(std::move(outputs), in.shape(layer.n_outputs())),
          to_array(std::move(by_inputs), in.shape(layer.n_inputs())),
          to_array(std::move(by_parameters), {n_parameters})};
}

py::array_t<double> initialize(const PyLayer& self, const SeedArg& seed, double spread) {
  std::vector<double> out(self.layer->n_parameters());
  self.layer->start(out);
  qsim::require(std::isfinite(spread) && spread >= 0, "the spread of the first weights is ", spread,
                "; it must be finite and not negative");
  qsim::Random random(seed.get());
  self.layer->initialize(out, random, spread);
  const auto size = static_cast<py::ssize_t>(out.size());
  return to_array(std::move(out), {size});
}

LayerPtr layer_from_text(const std::string& text) {
  return qml::layer_from_json(qsim::parse_json(text));
}

std::vector<LayerPtr> layers_of(const std::vector<PyLayer>& layers) {
  std::vector<LayerPtr> out;
  for (const PyLayer& one : layers) out.push_back(one.layer);
  return out;
}

qsim::ProgramSource source_of(const PyProgram& p) {
  return {p.circuit, p.program.observables, p.program.inputs, p.program.weights, p.single};
}
qsim::ProgramSource source_of(const PyNoisyProgram& p) {
  return {p.circuit, p.program.observables, p.angles().inputs, p.angles().weights, p.single};
}

// Outcomes of measuring some qubits: numbers, or texts of bits with the highest first.
using OutcomeArgs = std::vector<std::variant<std::string, std::int64_t>>;

std::vector<qsim::Index> outcomes_of(const OutcomeArgs& args, std::size_t n_qubits) {
  qsim::require(!args.empty(), "there are no probabilities of no outcomes");
  std::vector<qsim::Index> out;
  for (const auto& arg : args) {
    const auto* bits = std::get_if<std::string>(&arg);
    if (bits == nullptr) {
      const auto number = std::get<std::int64_t>(arg);
      qsim::require<qsim::IndexError>(number >= 0, "outcome ", number, " is outside [0, ",
                                      std::uint64_t{1} << n_qubits, ")");
      out.push_back(static_cast<qsim::Index>(number));
      continue;
    }
    qsim::require(bits->size() == n_qubits && bits->find_first_not_of("01") == std::string::npos,
                  "outcome '", *bits, "' is not a text of ", n_qubits, " bits");
    out.push_back(std::stoul(*bits, nullptr, 2));
  }
  return out;
}

template <class Kind>
using PyKindClass = py::class_<PyKind<Kind>, PyLayer>;

// The class of a kind, with what all classes have.
template <class Kind>
PyKindClass<Kind> kind_class(py::module_& m, const char* name, const char* doc) {
  PyKindClass<Kind> c(m, name, doc);
  c.def("__repr__",
        [name](const PyKind<Kind>& self) {
          const qml::Layer& layer = *self.layer;
          return qsim::concat("<ketgrad.layers.", name, ": ", layer.n_inputs(), " inputs, ",
                              layer.n_outputs(), " outputs, ", layer.n_parameters(),
                              " parameters>");
        })
      .def(py::pickle(
          [](const PyKind<Kind>& self) { return py::make_tuple(self.layer->to_json().dump()); },
          [name](const py::tuple& t) {
            const auto [text] = parts_of<std::string>(t, name);
            return PyKind<Kind>{{layer_from_text(text)}};
          }));
  return c;
}

template <class Kind, class... Parts>
PyKind<Kind> made(Parts&&... parts) {
  return {{std::make_shared<Kind>(std::forward<Parts>(parts)...)}};
}

void bind_base(py::module_& m) {
  py::class_<PyLayer>(m, "Layer", R"(A differentiable function of inputs and parameters.

Layers hold no parameters: they are one vector, which `initialize` draws, `Model` keeps and `Trainer`
trains. Rows are samples: inputs have shape (rows, n_inputs), or (n_inputs,) for one, outputs
(rows, n_outputs) or (n_outputs,). Kinds are CircuitLayer, Dense, Activation, ScaleShift, Chain,
Patches, Recurrent, RecurrentCircuit, NoisyLayer, Frozen and Shared. Layers are immutable, so that models share them; they pickle.

>>> import ketgrad as kg
>>> x, w = kg.ParameterVector('x', 2), kg.ParameterVector('w', 2)
>>> circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).ry(w[1], 1)
>>> program = kg.compile(circuit, ['Z0', 'Z1'], inputs=x)
>>> layers = kg.layers
>>> dressed = layers.Chain([layers.Dense(4, 2), layers.Activation('tanh', 2),
...                         layers.CircuitLayer(program), layers.Dense(2, 3)])
>>> dressed
<ketgrad.layers.Chain: 4 inputs, 3 outputs, 21 parameters>
>>> parameters = dressed.initialize(seed=1)
>>> dressed.forward([[0.1, 0.2, 0.3, 0.4]], parameters).shape
(1, 3)
>>> model = kg.Model(dressed)
)")
      .def_property_readonly(
          "n_inputs", [](const PyLayer& self) { return self.layer->n_inputs(); },
          "The number of inputs.")
      .def_property_readonly(
          "n_outputs", [](const PyLayer& self) { return self.layer->n_outputs(); },
          "The number of outputs.")
      .def_property_readonly(
          "n_parameters", [](const PyLayer& self) { return self.layer->n_parameters(); },
          "The number of parameters.")
      .def_property_readonly(
          "parameter_names", [](const PyLayer& self) { return self.layer->parameter_names(); },
          "Names of the parameters, in order.")
      .def(
          "initialize", &initialize, py::arg("seed") = py::none(), py::arg("spread") = 0.5,
          R"(First parameters, shape (n_parameters,): weights of circuits uniform in [-spread, spread].

Those of dense layers are uniform in +-1/sqrt(n_inputs), scales are 1 and shifts 0. seed None draws a
fresh one.

>>> ScaleShift(2).initialize()
array([1., 1., 0., 0.])
)")
      .def("forward", &forward, py::arg("inputs"), py::arg("parameters"),
           R"(The outputs, shape (rows, n_outputs), or (n_outputs,) for inputs of shape (n_inputs,).

>>> Dense(2, 1).forward([[1.0, 2.0]], [3.0, 4.0, 5.0])
array([[16.]])
)")
      .def(
          "value_and_vjp", &value_and_vjp, py::arg("cotangent"), py::arg("inputs"),
          py::arg("parameters"),
          R"(Outputs, and the derivatives of sum(cotangent * outputs): (outputs, inputs, parameters).

The cotangent has the shape of the outputs; the derivatives by the parameters are summed over the rows.

>>> Dense(2, 1).value_and_vjp([[1.0]], [[1.0, 2.0]], [3.0, 4.0, 5.0])
(array([[16.]]), array([[3., 4.]]), array([1., 2., 1.]))
)")
      .def(
          "vjp",
          [](const PyLayer& self, const py::object& cotangent, const py::object& inputs,
             const py::object& parameters) {
            auto [outputs, by_inputs, by_parameters] =
                value_and_vjp(self, cotangent, inputs, parameters);
            return std::pair(by_inputs, by_parameters);
          },
          py::arg("cotangent"), py::arg("inputs"), py::arg("parameters"),
          "The derivatives of sum(cotangent * outputs): (inputs, parameters). As value_and_vjp().")
      .def(
          "to_json", [](const PyLayer& self) { return self.layer->to_json().dump(); },
          "The layer as JSON text, without parameters.")
      .def_static(
          "from_json", [](const std::string& text) { return layer_object(layer_from_text(text)); },
          py::arg("text"),
          R"(The layer that to_json wrote. Raises ValueError naming what it cannot read.

>>> Layer.from_json(Dense(2, 1).to_json())
<ketgrad.layers.Dense: 2 inputs, 1 outputs, 3 parameters>
)")
      .def(
          "__eq__",
          [](const PyLayer& a, const PyLayer& b) {
            return a.layer == b.layer || a.layer->to_json() == b.layer->to_json();
          },
          py::arg("other"), py::is_operator())
      .def("__hash__", [](const PyLayer& self) {
        return std::hash<std::string>()(self.layer->to_json().dump());
      });
}

void bind_circuit_layer(py::module_& m) {
  kind_class<qml::CircuitLayer>(m, "CircuitLayer", R"(A circuit with what is read at its end.

program is compile()'s, in its precision: its inputs are the layer's, its weights the parameters. of is
'expval', the expectation values of its observables, or 'probs', probabilities: of all outcomes, or of
those of measuring some qubits, bit k of an outcome that of qubits[k]; of all outcomes, or of those
given, as numbers or as text of bits with the last bit first: '01' is 1, qubits[0] alone. For a Pauli
sum with trainable coefficients let the observables be its strings, and a Dense(n, 1, bias=False) follow.

With shots, values are estimates from so many measurements, and derivatives from parameter shift with
as many of every shifted circuit. They depend on the seed, the inputs and the parameters: the same place
has the same shots, and every other place has others. seed None draws a fresh one.

>>> program = compile(Circuit(2).h(0).cx(0, 1).ry(Parameter('a'), 1))
>>> CircuitLayer(program, of='probs', qubits=[1]).forward([], [0.0])
array([0.5, 0.5])
>>> CircuitLayer(program, of='probs', outcomes=['00', '11']).forward([], [0.0])
array([0.5, 0.5])
)")
      .def(py::init([](const PyProgram& program, std::string_view of, const MeasuredQubits& qubits,
                       const std::optional<OutcomeArgs>& outcomes,
                       const std::optional<ShotsArg>& shots, const SeedArg& seed) {
             require_goes_with(seed.value.has_value(), "seed", shots.has_value(), "shots");
             qml::Readout readout{.of = qsim::quantity(of)};
             if (qubits) {
               qsim::require(!qubits->value.empty(), "there are no probabilities of no qubits");
               readout.qubits = qubits->value;
             }
             if (outcomes) {
               const std::size_t n_qubits =
                   qubits ? qubits->value.size()
                          : static_cast<std::size_t>(program.program.n_qubits);
               readout.outcomes = outcomes_of(*outcomes, n_qubits);
             }
             if (shots) {
               readout.shots = shots->value;
               readout.seed = seed.get();
             }
             return made<qml::CircuitLayer>(source_of(program), std::move(readout));
           }),
           py::arg("program"), py::arg("of") = "expval", py::arg("qubits") = py::none(),
           py::arg("outcomes") = py::none(), py::arg("shots") = py::none(),
           py::arg("seed") = py::none());
  kind_class<qml::NoisyLayer>(m, "NoisyLayer", R"(Expectation values of a circuit with noise, exact.

program is compile_noisy()'s: its inputs are the layer's, its weights the parameters.

>>> noise = NoiseModel().add(Channel.depolarizing(0.1))
>>> noisy = compile_noisy(Circuit(1).rx(Parameter('a'), 0), 'Z', noise)
>>> NoisyLayer(noisy).forward([], [0.0]).round(12)
array([0.9])
)")
      .def(py::init([](const PyNoisyProgram& program) {
             return made<qml::NoisyLayer>(source_of(program));
           }),
           py::arg("program"));
}

void bind_row_layers(py::module_& m) {
  kind_class<qml::Dense>(m, "Dense", R"(The linear layer W x + b.

Parameters are W, of shape (n_outputs, n_inputs), row by row, then b unless bias is False.

>>> Dense(2, 1).parameter_names
['weight[0,0]', 'weight[0,1]', 'bias[0]']
)")
      .def(py::init(&made<qml::Dense, std::size_t, std::size_t, bool>), py::arg("n_inputs"),
           py::arg("n_outputs"), py::arg("bias") = true);
  kind_class<qml::Activation>(m, "Activation",
                              R"(The same function of every value, or of every row; no parameters.

name is 'tanh', 'relu', 'sigmoid' or 'softmax' (of a row), size the number of values in a row.

>>> Activation('relu', 2).forward([-1.0, 2.0], [])
array([0., 2.])
)")
      .def(py::init([](std::string_view name, std::size_t size) {
             return made<qml::Activation>(name, size);
           }),
           py::arg("name"), py::arg("size"));
  kind_class<qml::ScaleShift>(m, "ScaleShift",
                              R"(scale * x + shift, a number of each for every value.

Parameters are the scales, which start at 1, then the shifts, which start at 0; either is left out where
it is False.

>>> ScaleShift(1).forward([2.0], [3.0, 1.0])
array([7.])
)")
      .def(py::init(&made<qml::ScaleShift, std::size_t, bool, bool>), py::arg("size"),
           py::arg("scale") = true, py::arg("shift") = true);
}

void bind_compositions(py::module_& m) {
  kind_class<qml::Chain>(m, "Chain",
                         R"(Layers one after the other, each on the outputs of the one before.

Parameters are those of the first, then of the second and so on. Raises ValueError, naming both layers,
where outputs and inputs do not fit.

>>> Chain([Dense(2, 1), Activation('tanh', 1)]).parameter_names
['0.weight[0,0]', '0.weight[0,1]', '0.bias[0]']
)")
      .def(py::init([](const std::vector<PyLayer>& layers) {
             return made<qml::Chain>(layers_of(layers));
           }),
           py::arg("layers"))
      .def_property_readonly(
          "layers",
          [](const PyKind<qml::Chain>& self) {
            py::typing::List<PyLayer> out;
            for (const LayerPtr& layer : dynamic_cast<const qml::Chain&>(*self.layer).layers()) {
              out.append(layer_object(layer));
            }
            return out;
          },
          "The layers, in order; a chain among them stands as its own.");
  kind_class<qml::Patches>(m, "Patches",
                           R"(One layer on every window of a row: a convolution, with a stride.

windows says which of the row's n_inputs values each window sees, a list of places a window;
image_windows() and series_windows() make them. Outputs are those of the first window, then of the
second and so on. All windows share the parameters, or with shared=False each has its own.

>>> patches = Patches(Dense(4, 1), 16, image_windows(4, 4, size=2, stride=2))
>>> patches.n_outputs, patches.n_parameters
(4, 5)
)")
      .def(py::init(
               [](const PyLayer& layer, std::size_t n_inputs, qml::Windows windows, bool shared) {
                 return made<qml::Patches>(layer.layer, n_inputs, std::move(windows), shared);
               }),
           py::arg("layer"), py::arg("n_inputs"), py::arg("windows"), py::arg("shared") = true);
  kind_class<qml::Recurrent>(m, "Recurrent", R"(A cell over a sequence, back through time.

The cell's inputs at every step are the step's values, then the state, n_state numbers that begin as 0;
the first n_state of its outputs are the next state. Inputs are those of the first step, then of the
second and so on; outputs are the cell's at the last step or, with outputs='all', step by step.

>>> cell = Chain([Dense(3, 2), Activation('tanh', 2)])
>>> Recurrent(cell, n_state=2, n_steps=10)
<ketgrad.layers.Recurrent: 10 inputs, 2 outputs, 8 parameters>
)")
      .def(py::init([](const PyLayer& cell, std::size_t n_state, std::size_t n_steps,
                       std::string_view outputs) {
             return made<qml::Recurrent>(cell.layer, n_state, n_steps, qml::step_outputs(outputs));
           }),
           py::arg("cell"), py::arg("n_state"), py::arg("n_steps"), py::arg("outputs") = "last");
  kind_class<qml::RecurrentCircuit>(m, "RecurrentCircuit",
                                    R"(A circuit over a sequence that keeps its qubits.

program is compile()'s, without an initialize: its inputs are a step's values, its
weights the parameters, which all steps share. The first step acts on |0...0>, every other on the state
that the step before left: nothing is measured in between. Inputs are those of the first step, then of
the second and so on; outputs are the expectation values at the last step or, with outputs='all', step by
step. For a state of numbers that are measured and encoded again see Recurrent.

>>> program = compile(Circuit(1).ry(Parameter('x'), 0), 'Z', inputs=['x'])
>>> RecurrentCircuit(program, n_steps=3).forward([0.1, 0.2, 0.3], []).round(3)
array([0.825])
)")
      .def(py::init([](const PyProgram& program, std::size_t n_steps, std::string_view outputs) {
             return made<qml::RecurrentCircuit>(source_of(program), n_steps,
                                                qml::step_outputs(outputs));
           }),
           py::arg("program"), py::arg("n_steps"), py::arg("outputs") = "last");
  kind_class<qml::Shared>(m, "Shared",
                          R"(A layer whose parameters share values, or have other names.

names says what beginnings of the layer's parameter_names become; where several fit, the longest counts.
Parameters of one name are one, with the sum of their derivatives, and stand where the first of them
stood: {'2.': '0.'} gives the third layer of a Chain the weights of the first. Raises ValueError for a
beginning that no name has.

>>> chain = Chain([Dense(2, 2, bias=False), Activation('tanh', 2), Dense(2, 2, bias=False)])
>>> Shared(chain, {'2.': '0.'}).n_parameters
4
>>> Shared(Dense(1, 1), {'': 'head.'}).parameter_names
['head.weight[0,0]', 'head.bias[0]']
)")
      .def(py::init([](const PyLayer& layer, std::map<std::string, std::string> names) {
             return made<qml::Shared>(layer.layer, std::move(names));
           }),
           py::arg("layer"), py::arg("names"));
  kind_class<qml::Frozen>(m, "Frozen", R"(A layer whose parameters are held: it has none to train.

>>> Frozen(Dense(2, 1), [3.0, 4.0, 5.0]).forward([1.0, 2.0], [])
array([16.])
)")
      .def(py::init([](const PyLayer& layer, const py::object& values) {
             const RealArray array = real_array(values, "values");
             const auto all = view(array);
             return made<qml::Frozen>(layer.layer, std::vector<double>(all.begin(), all.end()));
           }),
           py::arg("layer"), py::arg("values"));
}

}  // namespace

py::object layer_object(const LayerPtr& layer) { return AllKinds::object(layer); }

void bind_layer(py::module_& m) {
  bind_base(m);
  bind_circuit_layer(m);
  bind_row_layers(m);
  bind_compositions(m);
  m.def("series_windows", &qml::series_windows, py::arg("length"), py::arg("channels") = 1,
        py::kw_only(), py::arg("size"), py::arg("stride") = 1,
        R"(Windows of `size` steps every `stride`, of a series with some values a step, for Patches.

>>> series_windows(4, size=2)
[[0, 1], [1, 2], [2, 3]]
)");
  m.def("image_windows", &qml::image_windows, py::arg("height"), py::arg("width"),
        py::arg("channels") = 1, py::kw_only(), py::arg("size"), py::arg("stride") = 1,
        R"(Windows of size x size pixels every `stride` in both directions, for Patches.

The image is one row of height * width * channels values, pixel by pixel.

>>> image_windows(2, 4, size=2, stride=2)
[[0, 1, 4, 5], [2, 3, 6, 7]]
)");
}

}  // namespace ketgrad
