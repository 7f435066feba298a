#pragma once

#include <vector>

#include "bindings/arguments.h"
#include "qml/models/trainer.h"

namespace ketgrad {

// What callbacks of a Trainer are told, after an epoch and after a step.
inline py::dict record_dict(const qml::EpochRecord& record) {
  return py::dict(py::arg("epoch") = record.epoch, py::arg("loss") = record.loss,
                  py::arg("validation_loss") = record.validation_loss,
                  py::arg("learning_rate") = record.learning_rate);
}

inline py::dict step_dict(const qml::StepRecord& record) {
  const auto size = static_cast<py::ssize_t>(record.parameters.size());
  const std::vector<double> parameters(record.parameters.begin(), record.parameters.end());
  return py::dict(py::arg("epoch") = record.epoch, py::arg("step") = record.step,
                  py::arg("loss") = record.loss, py::arg("gradient_norm") = record.gradient_norm,
                  py::arg("learning_rate") = record.learning_rate,
                  py::arg("parameters") = to_array(parameters, {size}));
}

}  // namespace ketgrad
