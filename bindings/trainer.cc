#include "qml/models/trainer.h"

#include <nlohmann/json.hpp>

#include "bindings/common.h"
#include "qml/models/classifier.h"
#include "qml/models/presets.h"

namespace ketgrad {
namespace {

using qml::Dataset;
using qml::EpochRecord;
using qml::Model;
using qml::Trainer;
using qml::TrainOptions;

py::dict record_dict(const EpochRecord& record) {
  return py::dict(py::arg("epoch") = record.epoch, py::arg("loss") = record.loss,
                  py::arg("validation_loss") = record.validation_loss,
                  py::arg("learning_rate") = record.learning_rate);
}

// A matrix with the given number of columns; ValueError naming both shapes otherwise.
RealArray matrix(const py::object& values, std::string_view what, std::size_t columns) {
  RealArray array = real_array(values, what);
  qsim::require(array.ndim() == 2 && static_cast<std::size_t>(array.shape(1)) == columns, what,
                " must have shape (samples, ", columns, "), got ",
                py::repr(array.attr("shape")).cast<std::string>());
  return array;
}

std::span<const double> view(const RealArray& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

// Arrays from Python that stay alive behind a Dataset.
class PyDataset {
 public:
  PyDataset(const Model& model, const py::object& inputs, const py::object& targets,
            const std::optional<py::object>& sample_weight)
      : inputs_(matrix(inputs, "inputs", model.n_inputs())),
        targets_(matrix(targets, "targets", model.n_outputs())),
        weights_(sample_weight ? real_array(*sample_weight, "sample_weight") : RealArray(0)) {
    qsim::require(inputs_.shape(0) == targets_.shape(0), "inputs have ", inputs_.shape(0),
                  " rows and targets ", targets_.shape(0));
  }
  [[nodiscard]] Dataset view() const {
    return {static_cast<std::size_t>(inputs_.shape(0)), ketgrad::view(inputs_),
            ketgrad::view(targets_), ketgrad::view(weights_)};
  }

 private:
  RealArray inputs_;
  RealArray targets_;
  RealArray weights_;
};

// A trainer that works without the GIL: while it does, nobody else may look at it. The flag is only
// touched with the GIL.
struct PyTrainer {
  Trainer trainer;
  bool busy = false;

  // Throws RuntimeError while another thread trains.
  Trainer& idle() {
    qsim::require<std::runtime_error>(!busy,
                                      "the trainer is training in another thread; follow it "
                                      "with a callback");
    return trainer;
  }
};

// Marks a trainer busy for a scope, or idle within one (a callback).
class Busy {
 public:
  Busy(PyTrainer& trainer, bool busy) : trainer_(trainer), before_(trainer.busy) {
    trainer_.busy = busy;
  }
  ~Busy() { trainer_.busy = before_; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  PyTrainer& trainer_;
  bool before_;
};

py::array_t<double> parameters_of(const Model& model) {
  const auto p = model.parameters();
  return to_array(std::vector<double>(p.begin(), p.end()), {static_cast<py::ssize_t>(p.size())});
}

void bind_model(py::module_& m) {
  py::class_<Model> c(m, "Model", R"(A trainable function: output_k = scale_k * <O_k> + bias_k.

Its parameters are one vector: the circuit's weights, then the scales, then the biases.

>>> c = Circuit(1).ry(Parameter('x'), 0).ry(Parameter('w'), 0)
>>> model = Model(c, [PauliSum('Z')], ['x'])
>>> model.outputs([[0.0]])
array([[1.]])
>>> model.parameters
array([0., 1., 0.])
)");
  c.def(py::init([](const qsim::Circuit& circuit, const std::vector<qsim::PauliSum>& observables,
                    const std::vector<std::string>& inputs, std::string_view precision) {
          return Model(circuit, observables, inputs, is_single(precision));
        }),
        py::arg("circuit"), py::arg("observables"), py::arg("inputs"),
        py::arg("precision") = "double")
      .def_property_readonly("circuit", &Model::circuit, py::return_value_policy::copy,
                             "The circuit.")
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
      .def("initialize", &Model::initialize, py::arg("seed") = 0, py::arg("spread") = 0.5,
           "Draw the circuit's weights uniformly from [-spread, spread].")
      .def(
          "outputs",
          [](const Model& model, const py::object& inputs) {
            const RealArray x = matrix(inputs, "inputs", model.n_inputs());
            const auto rows = x.shape(0);
            std::vector<double> out;
            if (rows > 0) {
              const py::gil_scoped_release release;
              out = model.outputs(view(x), static_cast<std::size_t>(rows));
            }
            return to_array(std::move(out), {rows, static_cast<py::ssize_t>(model.n_outputs())});
          },
          py::arg("inputs"),
          "Outputs, shape (samples, n_outputs), for inputs of shape (samples, n_inputs).")
      .def(
          "loss",
          [](const Model& model, std::string_view loss, const py::object& inputs,
             const py::object& targets, const std::optional<py::object>& sample_weight) {
            const PyDataset data(model, inputs, targets, sample_weight);
            const auto kind = qml::parse_loss(loss);
            const py::gil_scoped_release release;
            return model.loss(kind, data.view());
          },
          py::arg("loss"), py::arg("inputs"), py::arg("targets"),
          py::arg("sample_weight") = py::none(),
          "The weighted mean loss; targets have shape (samples, n_outputs).")
      .def(
          "loss_and_gradient",
          [](const Model& model, std::string_view loss, const py::object& inputs,
             const py::object& targets, const std::optional<py::object>& sample_weight) {
            const PyDataset data(model, inputs, targets, sample_weight);
            const auto kind = qml::parse_loss(loss);
            std::vector<double> gradient(model.n_parameters());
            double value = 0;
            {
              const py::gil_scoped_release release;
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
          "to_json", [](const Model& model) { return model.to_json().dump(); },
          "Everything, exactly, as JSON text.")
      .def_static(
          "from_json",
          [](const std::string& text) {
            const auto value = nlohmann::json::parse(text, nullptr, false);
            qsim::require(!value.is_discarded(), "this text is not JSON");
            return Model::from_json(value);
          },
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
             return qsim::concat("<ketgrad.Model: ", model.circuit().n_qubits(), " qubits, ",
                                 model.n_inputs(), " inputs, ", model.n_outputs(), " outputs, ",
                                 model.n_parameters(), " parameters>");
           })
      .def(py::pickle([](const Model& model) { return py::make_tuple(model.to_json().dump()); },
                      [](const py::tuple& t) {
                        return Model::from_json(nlohmann::json::parse(t[0].cast<std::string>()));
                      }));

  m.def(
      "make_model",
      [](int n_features, int n_outputs, std::string feature_map, std::string ansatz, int n_qubits,
         int n_layers, bool reupload, bool scale_inputs, bool entangle,
         std::string_view precision) {
        return qml::make_model({std::move(feature_map), std::move(ansatz), n_qubits, n_layers,
                                reupload, scale_inputs, entangle, is_single(precision)},
                               n_features, n_outputs);
      },
      py::arg("n_features"), py::arg("n_outputs") = 1, py::arg("feature_map") = "angle",
      py::arg("ansatz") = "strongly_entangling", py::arg("n_qubits") = 0, py::arg("n_layers") = 3,
      py::arg("reupload") = true, py::arg("scale_inputs") = false, py::arg("entangle") = true,
      py::arg("precision") = "double",
      R"(A model of named parts: the feature map before every layer of the ansatz, Z read from the qubits.

>>> make_model(2, n_layers=2)
<ketgrad.Model: 2 qubits, 2 inputs, 1 outputs, 14 parameters>
)");
}

}  // namespace

void bind_trainer(py::module_& m) {
  bind_model(m);
  py::class_<PyTrainer>(m, "Trainer",
                        R"(Minimises a model's loss over mini-batches, in C++ and without the GIL.

The order of the samples depends on (seed, epoch) alone. Ctrl-C leaves the model as the last finished
step left it.

>>> import numpy as np
>>> model = make_model(1, n_layers=2); model.initialize(seed=1)
>>> x = np.linspace(-1, 1, 32)[:, None]
>>> trainer = Trainer(model, loss='squared', learning_rate=0.05, epochs=60, seed=0)
>>> trainer.fit(x, np.sin(x))
>>> trainer.history[-1]['loss'] < 0.02
True
)")
      .def(py::init([](Model model, std::string_view loss, std::string optimizer,
                       double learning_rate, std::string_view schedule, int epochs,
                       std::size_t batch_size, bool early_stopping, double validation_fraction,
                       int patience, double tolerance, std::uint64_t seed, double momentum,
                       double weight_decay) {
             TrainOptions options;
             options.loss = qml::parse_loss(loss);
             options.optimizer = {.name = std::move(optimizer),
                                  .learning_rate = learning_rate,
                                  .momentum = momentum,
                                  .weight_decay = weight_decay};
             options.schedule = qml::parse_schedule(schedule);
             options.epochs = epochs;
             options.batch_size = batch_size;
             options.early_stopping = early_stopping;
             options.validation_fraction = validation_fraction;
             options.patience = patience;
             options.tolerance = tolerance;
             options.seed = seed;
             return PyTrainer{Trainer(std::move(model), std::move(options))};
           }),
           py::arg("model"), py::kw_only(), py::arg("loss") = "cross_entropy",
           py::arg("optimizer") = "adam", py::arg("learning_rate") = 0.01,
           py::arg("schedule") = "constant", py::arg("epochs") = 100, py::arg("batch_size") = 32,
           py::arg("early_stopping") = false, py::arg("validation_fraction") = 0.0,
           py::arg("patience") = 10, py::arg("tolerance") = 1e-4, py::arg("seed") = 0,
           py::arg("momentum") = 0.9, py::arg("weight_decay") = 0.01)
      .def_property_readonly(
          "model", [](PyTrainer& t) { return Model(t.idle().model()); },
          "A copy of the model as it is now.")
      .def_property_readonly(
          "history",
          [](PyTrainer& t) {
            std::vector<py::dict> out;
            for (const auto& record : t.idle().history()) out.push_back(record_dict(record));
            return out;
          },
          "One dict an epoch: epoch, loss, validation_loss (NaN without a validation split), "
          "learning_rate.")
      .def(
          "fit",
          [](PyTrainer& t, const py::object& inputs, const py::object& targets,
             const std::optional<py::object>& sample_weight,
             const std::optional<py::function>& callback) {
            const PyDataset data(t.idle().model(), inputs, targets, sample_weight);
            qml::EpochCallback call;
            if (callback) {
              call = [&callback, &t](const EpochRecord& record) {
                const py::gil_scoped_acquire gil;
                const Busy idle(t, false);
                const py::object result = (*callback)(record_dict(record));
                return result.is_none() || result.cast<bool>();
              };
            }
            const Busy busy(t, true);
            const py::gil_scoped_release release;
            t.trainer.fit(data.view(), call);
          },
          py::arg("inputs"), py::arg("targets"), py::arg("sample_weight") = py::none(),
          py::arg("callback") = py::none(),
          "Train. callback(record) is called after every epoch; training ends where it returns "
          "False.")
      .def(
          "step_epoch",
          [](PyTrainer& t, const py::object& inputs, const py::object& targets,
             const std::optional<py::object>& sample_weight) {
            const PyDataset data(t.idle().model(), inputs, targets, sample_weight);
            EpochRecord record;
            {
              const Busy busy(t, true);
              const py::gil_scoped_release release;
              record = t.trainer.step_epoch(data.view());
            }
            return record_dict(record);
          },
          py::arg("inputs"), py::arg("targets"), py::arg("sample_weight") = py::none(),
          "Train one more epoch and return its record.");
  m.def(
      "class_targets",
      [](const std::vector<std::size_t>& index, std::size_t n_classes, std::string_view loss) {
        auto targets = qml::class_targets(index, n_classes, qml::parse_loss(loss));
        const auto rows = static_cast<py::ssize_t>(index.size());
        const auto columns = rows == 0 ? 0 : static_cast<py::ssize_t>(targets.size()) / rows;
        return to_array(std::move(targets), {rows, columns});
      },
      py::arg("index"), py::arg("n_classes"), py::arg("loss") = "cross_entropy",
      R"(Targets of a classifier, shape (samples, outputs): one output for two classes, else one each.

>>> class_targets([0, 1], 2).ravel()
array([0., 1.])
)");
  m.def(
      "class_probabilities",
      [](const py::object& outputs, std::size_t n_classes, std::string_view loss) {
        const RealArray o = matrix(outputs, "outputs", n_classes == 2 ? 1 : n_classes);
        const auto rows = o.shape(0);
        auto p = qml::class_probabilities(view(o), n_classes, qml::parse_loss(loss));
        return to_array(std::move(p), {rows, static_cast<py::ssize_t>(n_classes)});
      },
      py::arg("outputs"), py::arg("n_classes"), py::arg("loss") = "cross_entropy",
      R"(Probabilities, shape (samples, n_classes), from a classifier's outputs.

>>> class_probabilities([[0.0]], 2)
array([[0.5, 0.5]])
)");
  m.def("optimizer_names", &qml::optimizer_names, "The optimizers that run in C++.");
  m.def("loss_names", &qml::loss_names, "The losses.");
  m.def("schedule_names", &qml::schedule_names, "The learning-rate schedules.");
}

}  // namespace ketgrad
