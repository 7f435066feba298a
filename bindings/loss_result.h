#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "bindings/arguments.h"
#include "bindings/common.h"

namespace ketgrad {

inline std::string shape_text(const std::vector<py::ssize_t>& shape) {
  return py::repr(py::tuple(py::cast(shape))).cast<std::string>();
}

// What a loss in Python returned: (value, derivatives by what it was given, in its shape). Throws
// ValueError for anything else, and for numbers that are not finite; TypeError for what is no real
// number.
struct LossResult {
  LossResult(const py::object& result, const std::vector<py::ssize_t>& shape) {
    if (!py::isinstance<py::tuple>(result) || py::len(result) != 2) {
      qsim::fail("a loss returns (value, derivatives by what it was given), not ", shown(result));
    }
    const RealArray number = real_array(result[py::int_(0)], "the value of the loss");
    qsim::require(number.size() == 1, "the value of the loss is one number, got ", number.size());
    value = *number.data();
    qsim::require(std::isfinite(value), "the loss is ", value, "; it must be finite");
    derivatives = real_array(result[py::int_(1)], "the derivatives of the loss");
    const std::vector<py::ssize_t> got(derivatives.shape(),
                                       derivatives.shape() + derivatives.ndim());
    if (got != shape) {
      qsim::fail("the derivatives of the loss must have shape ", shape_text(shape), ", got ",
                 shape_text(got));
    }
    for (std::size_t k = 0; k < view().size(); ++k) {
      qsim::require(std::isfinite(view()[k]), "derivative ", k, " of the loss is ", view()[k],
                    "; it must be finite");
    }
  }

  [[nodiscard]] std::span<const double> view() const {
    return {derivatives.data(), static_cast<std::size_t>(derivatives.size())};
  }

  double value = 0;
  RealArray derivatives;
};

}  // namespace ketgrad
