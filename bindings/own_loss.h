#pragma once

#include "bindings/common.h"
#include "qml/models/loss.h"

namespace ketgrad {

// A loss of ours of whole batches, which needs no Python: what a function of ketgrad.losses has as
// its attribute in_core.
struct LossInCore {
  qml::BatchLossFunction function;
};

// Calls Python's function with arrays of shape (rows, columns), or the loss that it has in_core.
// Its name is that of the function, or what an object shows of itself: that of two of
// ketgrad.losses with other numbers differs.
qml::OwnLoss own_loss(const py::function& function);

}  // namespace ketgrad
