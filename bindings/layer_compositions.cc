#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/dataset.h"
#include "bindings/layer_kinds.h"
#include "bindings/noisy.h"
#include "bindings/program.h"
#include "qml/models/layers/chain.h"
#include "qml/models/layers/frozen.h"
#include "qml/models/layers/patches.h"
#include "qml/models/layers/recurrent.h"
#include "qml/models/layers/shared.h"
#include "qsim/core/count_work.h"
#include "qsim/core/long_vector.h"

namespace ketgrad {
namespace {

using qml::LayerPtr;

// As an array: lists would be millions of Python objects.
py::array_t<std::int64_t> array_of(const qml::Windows& windows) {
  const std::size_t size = windows.front().size();
  auto out = qsim::long_vector<std::int64_t>(windows.size() * size);
  for (std::size_t k = 0; k < windows.size(); ++k) {
    qsim::count_work(1 + size / 8);
    std::ranges::copy(windows[k], out.begin() + static_cast<std::ptrdiff_t>(k * size));
  }
  return to_array(std::move(out),
                  {static_cast<py::ssize_t>(windows.size()), static_cast<py::ssize_t>(size)});
}

std::vector<LayerPtr> layers_of(const py::typing::Iterable<PyLayer>& layers) {
  std::vector<LayerPtr> out;
  for (const py::handle item : layers) {
    qsim::count_work();
    if (!py::isinstance<PyLayer>(item)) {
      const bool program = py::isinstance<PyProgram>(item) || py::isinstance<PyNoisyProgram>(item);
      const std::string_view kind = py::isinstance<PyProgram>(item) ? "CircuitLayer" : "NoisyLayer";
      throw py::type_error(qsim::concat(
          "item ", out.size(), " of a Chain must be a layer, not ", shown(item),
          program ? qsim::concat("; ", kind, "(program) makes one of it") : std::string()));
    }
    out.push_back(item.cast<PyLayer>().layer);
  }
  return out;
}

}  // namespace

void bind_layer_compositions(py::module_& m) {
  kind_class<qml::Chain>(m, "Chain",
                         R"(Layers one after the other, each on the outputs of the one before.

Parameters are those of the first, then of the second and so on. Raises ValueError, naming both layers,
where outputs and inputs do not fit.

>>> Chain([Dense(2, 1), Activation('tanh', 1)]).parameter_names
['0.weight[0,0]', '0.weight[0,1]', '0.bias[0]']
)")
      .def(py::init([](const py::typing::Iterable<PyLayer>& layers) {
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

windows says which of the row's n_inputs values each window sees, the places of a window in each row;
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
  kind_class<qml::Shared>(m, "Shared",
                          R"(A layer whose parameters share values, or have other names.

names says what beginnings of the layer's parameter_names become; where several fit, the longest counts.
Parameters of one name are one, with the sum of their derivatives, and stand where the first of them
stood: {'2.': '0.'} gives the third layer of a Chain the weights of the first. Raises ValueError for a
beginning that no name has, and where one of the two layers has a parameter that the other lacks.

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
  m.def(
      "series_windows",
      [](std::size_t length, std::size_t channels, std::size_t size, std::size_t stride) {
        return array_of(qml::series_windows(length, channels, size, stride));
      },
      py::arg("length"), py::arg("channels") = 1, py::kw_only(), py::arg("size"),
      py::arg("stride") = 1,
      R"(Windows of `size` steps every `stride`, of a series with some values a step, for Patches.

An array of places, shape (windows, values a window).

>>> series_windows(4, size=2)
array([[0, 1],
       [1, 2],
       [2, 3]])
)");
  m.def(
      "image_windows",
      [](std::size_t height, std::size_t width, std::size_t channels, std::size_t size,
         std::size_t stride) {
        return array_of(qml::image_windows(height, width, channels, size, stride));
      },
      py::arg("height"), py::arg("width"), py::arg("channels") = 1, py::kw_only(), py::arg("size"),
      py::arg("stride") = 1,
      R"(Windows of size x size pixels every `stride` in both directions, for Patches.

The image is one row of height * width * channels values, pixel by pixel. An array of places, shape
(windows, values a window).

>>> image_windows(2, 4, size=2, stride=2)
array([[0, 1, 4, 5],
       [2, 3, 6, 7]])
)");
}

}  // namespace ketgrad
