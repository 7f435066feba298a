#pragma once

#include "bindings/common.h"
#include "qml/models/loss.h"

namespace ketgrad {

// Calls Python's function with arrays of shape (rows, columns). Its name is that of the function,
// or what an object shows of itself: that of two of ketgrad.losses with other numbers differs.
qml::OwnLoss own_loss(const py::function& function);

}  // namespace ketgrad
