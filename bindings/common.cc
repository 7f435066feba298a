#include "bindings/common.h"

#include "bindings/arguments.h"

namespace ketgrad {

qsim::Expression to_expression(const Angle& angle) {
  return std::visit([](const auto& value) { return qsim::Expression(value); }, angle);
}

bool is_single(std::string_view precision) {
  qsim::require(precision == "single" || precision == "double", "there is no precision '",
                precision, "'; there is single and double");
  return precision == "single";
}

namespace {

// What NumPy makes of the values, if its kind of number is among the given ones.
py::array number_array(const py::object& values, std::string_view kinds, std::string_view what,
                       std::string_view wanted) {
  py::array array;
  try {
    array = py::module_::import("numpy").attr("asarray")(values);
  } catch (const py::error_already_set& error) {
    if (!error.matches(PyExc_ValueError)) throw;
    qsim::fail(what, " must be an array: lists within a list have to be of one length, unlike ",
               shown(values));
  }
  if (kinds.find(array.dtype().kind()) == std::string_view::npos) {
    throw py::type_error(qsim::concat(what, " must be ", wanted, ", got an array of ",
                                      py::str(array.dtype()).cast<std::string>()));
  }
  return array;
}

}  // namespace

RealArray real_array(const py::object& values, std::string_view what) {
  return RealArray::ensure(number_array(values, "fiub", what, "real numbers"));
}

template <class T>
ComplexArray<T> complex_array(const py::object& values, std::string_view what) {
  return ComplexArray<T>::ensure(number_array(values, "fiubc", what, "numbers"));
}

template ComplexArray<float> complex_array<float>(const py::object&, std::string_view);
template ComplexArray<double> complex_array<double>(const py::object&, std::string_view);

}  // namespace ketgrad
