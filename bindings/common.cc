#include "bindings/common.h"

namespace ketgrad {

qsim::Expression to_expression(const Angle& angle) {
  return std::visit([](const auto& value) { return qsim::Expression(value); }, angle);
}

std::vector<qsim::Expression> to_expressions(const std::vector<Angle>& angles) {
  std::vector<qsim::Expression> out;
  for (const Angle& angle : angles) out.push_back(to_expression(angle));
  return out;
}

std::vector<qsim::Control> to_controls(const Controls& controls) {
  std::vector<qsim::Control> out;
  if (const auto* qubits = std::get_if<std::vector<qsim::Qubit>>(&controls)) {
    for (const qsim::Qubit q : *qubits) out.push_back({q, true});
    return out;
  }
  for (const auto& [qubit, value] : std::get<std::map<qsim::Qubit, int>>(controls)) {
    qsim::require(value == 0 || value == 1, "the value of control qubit ", qubit, " is ", value,
                  "; it must be 0 or 1");
    out.push_back({qubit, value == 1});
  }
  return out;
}

bool is_single(std::string_view precision) {
  qsim::require(precision == "single" || precision == "double", "there is no precision '",
                precision, "'; there is single and double");
  return precision == "single";
}

RealArray real_array(const py::object& values, std::string_view what) {
  const py::array array = py::module_::import("numpy").attr("asarray")(values);
  const char kind = array.dtype().kind();
  if (std::string_view("fiub").find(kind) == std::string_view::npos) {
    throw py::type_error(qsim::concat(what, " must be real numbers, got an array of ",
                                      py::str(array.dtype()).cast<std::string>()));
  }
  return RealArray::ensure(array);
}

}  // namespace ketgrad
