#pragma once

#include <utility>

#include "bindings/common.h"
#include "qml/models/layer.h"

namespace ketgrad {

// A layer as Python holds it; a class derived from it for each kind.
struct PyLayer {
  qml::LayerPtr layer;
};

// The object of the class of its kind.
py::object layer_object(const qml::LayerPtr& layer);

}  // namespace ketgrad
