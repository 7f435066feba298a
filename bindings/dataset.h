#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "bindings/common.h"
#include "qml/models/model.h"

namespace ketgrad {

// A matrix with the given number of columns; ValueError naming both shapes otherwise.
RealArray matrix(const py::object& values, std::string_view what, std::size_t columns);

std::span<const double> view(const RealArray& array);

// Arrays from Python that stay alive behind a Dataset.
class PyDataset {
 public:
  // own_loss: for a loss that takes any number of targets a sample, or, for None, none.
  PyDataset(const qml::Model& model, const py::object& inputs, const py::object& targets,
            const std::optional<py::object>& sample_weight, bool own_loss = false);
  [[nodiscard]] qml::Dataset view() const;

 private:
  RealArray inputs_;
  RealArray targets_;
  RealArray weights_;
};

}  // namespace ketgrad
