#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/common.h"
#include "bindings/optimizer_options.h"

namespace ketgrad {

using RatesByName = std::map<std::string, double>;

// An Optimizer of Python's: of one array of parameters, or of several by name.
struct PyOptimizer {
  qml::Optimizer rule;
  RatesByName rates{};                                       // until the first step tells the names
  std::vector<std::pair<std::string, std::size_t>> names{};  // and how many parameters each has

  bool operator==(const PyOptimizer& other) const;
};

// The name of an optimizer, or one that has options of its own, and is left as it is.
using OptimizerArg = std::variant<std::string, PyOptimizer>;

// The rate of each parameter from those of the beginnings of their names, the longest that fits;
// ValueError for one that begins no name.
std::vector<double> rates_of(std::span<const std::string> names, const RatesByName& by_name);

// The options of an optimizer, over the `defaults` of its name; ValueError for options beside an
// Optimizer.
qml::OptimizerOptions options_of(const OptimizerArg& optimizer, const GivenOptions& given,
                                 qml::OptimizerOptions (*defaults)(std::string_view name));

}  // namespace ketgrad
