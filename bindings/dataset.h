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
  PyDataset(const qml::Model& model, const py::object& inputs, const py::object& targets,
            const std::optional<py::object>& sample_weight);
  [[nodiscard]] qml::Dataset view() const;

 private:
  RealArray inputs_;
  RealArray targets_;
  RealArray weights_;
};

}  // namespace ketgrad
