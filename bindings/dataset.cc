#include "bindings/dataset.h"

namespace ketgrad {

RealArray matrix(const py::object& values, std::string_view what, std::size_t columns) {
  RealArray array = real_array(values, what);
  qsim::require(array.ndim() == 2 && static_cast<std::size_t>(array.shape(1)) == columns, what,
                " must have shape (samples, ", columns, "), got ", ShapeOf{array});
  return array;
}

std::span<const double> view(const RealArray& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

namespace {

// A vector will do for one output.
RealArray target_array(const py::object& values, std::size_t n_outputs) {
  qsim::require<py::type_error>(!values.is_none(),
                                "targets is None; only a loss of one's own goes without");
  RealArray array = real_array(values, "targets");
  if (n_outputs == 1 && array.ndim() == 1) return array;
  qsim::require(array.ndim() == 2 && static_cast<std::size_t>(array.shape(1)) == n_outputs,
                "targets must have shape (samples, ", n_outputs, ")",
                n_outputs == 1 ? " or (samples,)" : "", ", got ", ShapeOf{array});
  return array;
}

RealArray targets_of_own_loss(const py::object& values, py::ssize_t rows) {
  if (values.is_none()) return RealArray(std::vector<py::ssize_t>{rows, 0});
  RealArray array = real_array(values, "targets");
  qsim::require(array.ndim() == 1 || array.ndim() == 2,
                "targets must have shape (samples,) or (samples, columns), got ", ShapeOf{array});
  return array;
}

}  // namespace

PyDataset::PyDataset(const qml::Model& model, const py::object& inputs, const py::object& targets,
                     const std::optional<py::object>& sample_weight, bool own_loss)
    : inputs_(matrix(inputs, "inputs", model.n_inputs())),
      targets_(own_loss ? targets_of_own_loss(targets, inputs_.shape(0))
                        : target_array(targets, model.n_outputs())),
      weights_(sample_weight ? real_array(*sample_weight, "sample_weight") : RealArray(0)) {
  if (inputs_.shape(0) != targets_.shape(0)) {
    qsim::fail("inputs have ", qsim::counted(static_cast<std::size_t>(inputs_.shape(0)), "row"),
               " and targets ", targets_.shape(0), "; there must be a target for every row");
  }
}

qml::Dataset PyDataset::view() const {
  return {static_cast<std::size_t>(inputs_.shape(0)), ketgrad::view(inputs_),
          ketgrad::view(targets_), ketgrad::view(weights_)};
}

}  // namespace ketgrad
