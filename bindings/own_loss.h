#pragma once

#include "bindings/common.h"
#include "qml/models/loss.h"

namespace ketgrad {

// Calls Python's function with arrays of shape (rows, columns).
qml::BatchLossFunction own_loss(const py::function& function);

}  // namespace ketgrad
