#include "bindings/layer.h"

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/arrays.h"
#include "bindings/dataset.h"
#include "bindings/layer_kinds.h"
#include "bindings/loss_result.h"
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

py::array_t<double> forward(const PyLayer& self, const ArrayLike& inputs,
                            const ArrayLike& parameters) {
  const qml::Layer& layer = *self.layer;
  const LayerInputs in(layer, inputs, parameters);
  std::vector<double> out(in.rows() * layer.n_outputs());
  {
    const WithoutGil release;
    layer.forward(in.call(), out);
  }
  return to_array(std::move(out), in.shape(layer.n_outputs()));
}

using ThreeArrays = std::tuple<py::array_t<double>, py::array_t<double>, py::array_t<double>>;

ThreeArrays value_and_vjp(const PyLayer& self, const ArrayLike& cotangent, const ArrayLike& inputs,
                          const ArrayLike& parameters) {
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
  {
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
      .def(py::init([](const py::args& /*args*/, const py::kwargs& /*options*/) -> PyLayer {
        throw py::type_error(
            "Layer is what all kinds are, and none by itself; make one of ketgrad.layers: "
            "CircuitLayer, Dense, Activation, Chain, ...");
      }))
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
          [](const PyLayer& self, const ArrayLike& cotangent, const ArrayLike& inputs,
             const ArrayLike& parameters) {
            auto [outputs, by_inputs, by_parameters] =
                value_and_vjp(self, cotangent, inputs, parameters);
            return std::pair(by_inputs, by_parameters);
          },
          py::arg("cotangent"), py::arg("inputs"), py::arg("parameters"),
          "The derivatives of sum(cotangent * outputs): (inputs, parameters). As value_and_vjp().")
      .def(
          "to_json", [](const PyLayer& self) { return text_of(self.layer); },
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
      .def("__hash__",
           [](const PyLayer& self) { return std::hash<std::string>()(text_of(self.layer)); });
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

}  // namespace

std::string text_of(const LayerPtr& layer) { return qsim::json_text(layer->to_json()); }
LayerPtr layer_from_text(const std::string& text) {
  return qml::layer_from_json(qsim::parse_json(text));
}

py::object layer_object(const LayerPtr& layer) { return AllKinds::object(layer); }

void bind_layer(py::module_& m) {
  bind_base(m);
  bind_circuit_layers(m);
  bind_row_layers(m);
  bind_layer_compositions(m);
}

}  // namespace ketgrad
