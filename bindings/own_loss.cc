#include "bindings/own_loss.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/loss_result.h"

namespace ketgrad {
namespace {

// Whether a function can be called with these arguments, as far as its signature tells.
bool takes(const py::function& function, const py::tuple& arguments) {
  try {
    py::module_::import("inspect").attr("signature")(function).attr("bind")(*arguments);
    return true;
  } catch (const py::error_already_set& error) {
    return !error.matches(PyExc_TypeError);
  }
}

py::object call_loss(const py::function& function, const py::tuple& arguments) {
  try {
    return call_back(function, arguments);
  } catch (const py::error_already_set& error) {
    if (!error.matches(PyExc_TypeError) || takes(function, arguments)) throw;
  }
  const bool weighted = py::len(arguments) == 3;
  throw py::type_error(qsim::concat(
      weighted
          ? "these samples have weights, which the loss must take as its third argument: "
          : "the loss must take outputs and targets, and weights only where samples have some: ",
      shown(function)));
}

// The same in every process: no address in memory, and no module, which is another one where the
// code runs as a script.
std::string name_of(const py::function& loss) {
  if (py::hasattr(loss, "__qualname__")) return loss.attr("__qualname__").cast<std::string>();
  auto shown = py::repr(loss).cast<std::string>();
  if (shown.find(" at 0x") == std::string::npos) return shown;
  return py::type::of(loss).attr("__qualname__").cast<std::string>();
}

}  // namespace

qml::OwnLoss own_loss(const py::function& function) {
  // Released with the GIL, wherever the last copy ends.
  const std::shared_ptr<py::function> held(new py::function(function), [](py::function* p) {
    const WithGil gil;
    delete p;
  });
  auto call = [held](const qml::LossBatch& batch, std::span<double> by_outputs) {
    const WithGil gil;
    const auto rows = static_cast<py::ssize_t>(batch.rows);
    const auto array = [rows](std::span<const double> values, std::vector<py::ssize_t> shape) {
      return to_array(std::vector<double>(values.begin(), values.end()), std::move(shape));
    };
    const auto shape_of = [rows](std::span<const double> values) {
      return std::vector<py::ssize_t>{rows, static_cast<py::ssize_t>(values.size()) / rows};
    };
    const py::object outputs = array(batch.outputs, shape_of(batch.outputs));
    const py::object targets = array(batch.targets, shape_of(batch.targets));
    py::tuple arguments = py::make_tuple(outputs, targets);
    if (!batch.weights.empty()) {
      arguments = py::make_tuple(outputs, targets, array(batch.weights, {rows}));
    }
    const LossResult found(call_loss(*held, arguments), shape_of(batch.outputs));
    const RealArray value = real_array(found.value, "the value of the loss");
    qsim::require(value.size() == 1, "the value of the loss is one number, got ", value.size());
    std::ranges::copy(found.view(), by_outputs.begin());
    return *value.data();
  };
  return {.function = std::move(call), .name = name_of(function)};
}

}  // namespace ketgrad
