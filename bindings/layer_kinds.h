#pragma once

#include <memory>
#include <string>
#include <utility>

#include "bindings/layer.h"
#include "bindings/pickled.h"

// What the classes of all kinds of layers have.

namespace ketgrad {

// A kind of layer.
template <class Kind>
struct PyKind : PyLayer {};

// As JSON.
std::string text_of(const qml::LayerPtr& layer);
qml::LayerPtr layer_from_text(const std::string& text);

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
      .def(py::pickle([](const PyKind<Kind>& self) { return py::make_tuple(text_of(self.layer)); },
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

void bind_circuit_layers(py::module_& m);
void bind_layer_compositions(py::module_& m);

}  // namespace ketgrad
