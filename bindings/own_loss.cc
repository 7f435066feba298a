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

// What tells a loss from others, the same in every process: of a function its name, of an object
// what it shows of itself. Nothing where others would have the same: of functions that hold values,
// as closures, methods and partials do, of lambdas, and of what shows an address in memory.
std::string name_of(const py::function& loss) {
  constexpr std::size_t kMostCharacters = 1000;
  try {
    if (py::isinstance(loss, py::module_::import("types").attr("FunctionType"))) {
      const bool holds_values = !loss.attr("__closure__").is_none();
      auto name = loss.attr("__qualname__").cast<std::string>();
      return holds_values || name.ends_with("<lambda>") ? "" : name;
    }
    auto name = py::repr(loss).cast<std::string>();
    const bool tells = name.size() <= kMostCharacters && name.find(" at 0x") == std::string::npos;
    return tells ? name : "";
  } catch (const py::error_already_set&) {  // of a repr of one's own
    return "";
  } catch (const py::cast_error&) {
    return "";
  }
}

}  // namespace

qml::OwnLoss own_loss(const py::function& function) {
  const py::object core = py::module_::import("ketgrad.losses").attr("_in_core")(function);
  if (!core.is_none()) {
    return {.function = core.cast<const LossInCore&>().function, .name = name_of(function)};
  }
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
    std::ranges::copy(found.view(), by_outputs.begin());
    return found.value;
  };
  return {.function = std::move(call), .name = name_of(function)};
}

}  // namespace ketgrad
