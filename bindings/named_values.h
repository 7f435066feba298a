#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "bindings/common.h"
#include "qsim/circuit/named_values.h"

// Numbers for parameters: by the name of a parameter or of a vector, or by the Parameter or
// ParameterVector itself, or in the order of the parameters.

namespace ketgrad {

// Numbers by name alone: {'a': 0.5, 'w': [0.1, 0.2]}; those of a vector by their elements' names.
struct NumbersArg {
  std::map<std::string, double> value;
  static NumbersArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#named");
};

// Values for the parameters of a circuit.
struct ValuesArg {
  qsim::Values value;
  static ValuesArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#named | #array");
};

// Numbers, parameters or expressions in their place.
struct ReplacementsArg {
  qsim::Replacements value;
  static ReplacementsArg from(py::handle h);
  static constexpr auto kType = py::detail::const_name("#map[typing.Any, typing.Any] | #array");
};

bool is_by_name(py::handle h);

// Numbers by name: an array for each vector of which all elements are there, else a number each.
py::dict named_dict(std::span<const std::string> names, std::span<const double> numbers);

// Numbers for `names` ("inputs" or "weights", as `what` says), shape (n,) or (batch, n): an array
// as it is, or put together from what is given by name, each of shape () or (size of the vector,),
// or with a batch axis in front. Those that are not needed may be left out there, and are 0.
RealArray array_of(const py::object& values, std::string_view what,
                   std::span<const std::string> names,
                   const std::function<bool(std::size_t)>& is_needed);

}  // namespace ketgrad
