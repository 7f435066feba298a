#include "qml/models/model.h"

#include <nlohmann/json.hpp>

#include "bindings/arguments.h"
#include "bindings/arrays.h"
#include "bindings/dataset.h"
#include "bindings/layer.h"
#include "bindings/pickled.h"
#include "qsim/json/text.h"

namespace ketgrad {
namespace {

using qml::Model;

py::array_t<double> parameters_of(const Model& model) {
  const auto p = model.parameters();
  return to_array(std::vector<double>(p.begin(), p.end()), {static_cast<py::ssize_t>(p.size())});
}

}  // namespace

void bind_model(py::module_& m) {
  py::class_<Model> c(m, "Model",
                      R"(A trainable function: output_k = scale_k * <O_k> + bias_k, or any Layer.

Its parameters are one vector: the circuit's weights, then the scales, then the biases. observables
is one PauliSum, what it is made from such as 'ZI' or {'ZI': 0.5}, or a list of those, one an output.
inputs and weights are as for compile(). Model(layer) has the layer's parameters.

>>> c = Circuit(1).ry(Parameter('x'), 0).ry(Parameter('w'), 0)
>>> model = Model(c, 'Z', inputs='x')
>>> model.outputs([[0.0]])
array([[1.]])
>>> model.parameters
array([0., 1., 0.])
>>> Model(ScaleShift(2)).parameters
array([1., 1., 0., 0.])
)");
  c.def(py::init([](const PyLayer& layer) { return Model(layer.layer); }), py::arg("layer"));
  c.def(py::init([](const qsim::Circuit& circuit, const PauliSumsArg& observables,
                    const NamesArg& inputs, std::string_view precision, const NamesArg& weights) {
          return Model(circuit, observables.value, inputs.value, is_single(precision),
                       weights.asked());
        }),
        py::arg("circuit"), py::arg("observables"), py::arg("inputs"),
        py::arg("precision") = "double", py::arg("weights") = py::none())
      .def_property_readonly("circuit", &Model::circuit, py::return_value_policy::copy,
                             "The circuit; ValueError where the model is made of layers.")
      .def_property_readonly(
          "layer", [](const Model& model) { return layer_object(model.shared_layer()); },
          R"(The layer: a chain of the circuit and its scales and biases, or what it was made of.

>>> Model(Circuit(1).ry(Parameter('x'), 0), 'Z', inputs='x').layer.parameter_names
['1.scale[0]', '1.shift[0]']
)")
      .def_property_readonly("n_inputs", &Model::n_inputs, "The number of inputs.")
      .def_property_readonly("n_outputs", &Model::n_outputs, "The number of outputs.")
      .def_property_readonly("n_parameters", &Model::n_parameters,
                             "The number of trainable parameters.")
      .def_property(
          "parameters", &parameters_of,
          [](Model& model, const py::object& values) {
            const RealArray array = real_array(values, "parameters");
            model.set_parameters(view(array));
          },
          "All trainable parameters, shape (n_parameters,).")
      .def(
          "initialize",
          [](Model& model, const SeedArg& seed, double spread) {
            model.initialize(seed.get(), spread);
          },
          py::arg("seed") = py::none(), py::arg("spread") = 0.5,
          "Draw the circuit's weights uniformly from [-spread, spread], or what a layer draws; "
          "seed "
          "None draws a fresh one.")
      .def(
          "outputs",
          [](const Model& model, const ArrayLike& inputs) {
            const RealArray x = matrix(inputs, "inputs", model.n_inputs());
            const auto rows = x.shape(0);
            std::vector<double> out;
            if (rows > 0) {
              const WithoutGil release;
              out = model.outputs(view(x), static_cast<std::size_t>(rows));
            }
            return to_array(std::move(out), {rows, static_cast<py::ssize_t>(model.n_outputs())});
          },
          py::arg("inputs"),
          "Outputs, shape (samples, n_outputs), for inputs of shape (samples, n_inputs).")
      .def(
          "loss",
          [](const Model& model, std::string_view loss, const ArrayLike& inputs,
             const py::object& targets, const std::optional<py::object>& sample_weight) {
            const PyDataset data(model, inputs, targets, sample_weight);
            const auto kind = qml::parse_loss(loss);
            const WithoutGil release;
            return model.loss(kind, data.view());
          },
          py::arg("loss"), py::arg("inputs"), py::arg("targets"),
          py::arg("sample_weight") = py::none(),
          "The weighted mean loss; targets have shape (samples, n_outputs), or (samples,) for one "
          "output.")
      .def(
          "loss_and_gradient",
          [](const Model& model, std::string_view loss, const ArrayLike& inputs,
             const py::object& targets, const std::optional<py::object>& sample_weight) {
            const PyDataset data(model, inputs, targets, sample_weight);
            const auto kind = qml::parse_loss(loss);
            std::vector<double> gradient(model.n_parameters());
            double value = 0;
            {
              const WithoutGil release;
              value = model.loss(kind, data.view(), gradient);
            }
            const auto size = static_cast<py::ssize_t>(gradient.size());
            return std::pair<double, py::array_t<double>>(value,
                                                          to_array(std::move(gradient), {size}));
          },
          py::arg("loss"), py::arg("inputs"), py::arg("targets"),
          py::arg("sample_weight") = py::none(),
          "The weighted mean loss and its gradient over all parameters.")
      .def(
          "to_json", [](const Model& model) { return qsim::json_text(model.to_json()); },
          "Everything, exactly, as JSON text.")
      .def_static(
          "from_json",
          [](std::string_view text) { return Model::from_json(qsim::parse_json(text)); },
          py::arg("text"),
          "The model that to_json wrote. Raises ValueError naming what it cannot read.")
      .def(
          "copy", [](const Model& model) { return Model(model); }, "An independent copy.")
      .def("__copy__", [](const Model& model) { return Model(model); })
      .def(
          "__deepcopy__", [](const Model& model, const py::dict&) { return Model(model); },
          py::arg("memo"))
      .def("__repr__",
           [](const Model& model) {
             const qml::CircuitLayer* circuit = model.circuit_layer();
             const std::string width =
                 circuit == nullptr ? "layers, "
                                    : qsim::concat(circuit->circuit().n_qubits(), " qubits, ");
             return qsim::concat("<ketgrad.Model: ", width, model.n_inputs(), " inputs, ",
                                 model.n_outputs(), " outputs, ", model.n_parameters(),
                                 " parameters>");
           })
      .def(py::pickle(
          [](const Model& model) { return py::make_tuple(qsim::json_text(model.to_json())); },
          [](const py::tuple& t) {
            const auto [text] = parts_of<std::string>(t, "Model");
            return Model::from_json(qsim::parse_json(text));
          }));
}

}  // namespace ketgrad
