#include "bindings/common.h"

namespace ketgrad {

qsim::Expression to_expression(const Angle& angle) {
  if (const auto* number = std::get_if<Factor>(&angle)) return {number->value};
  if (const auto* parameter = std::get_if<qsim::Parameter>(&angle)) return {*parameter};
  return std::get<qsim::Expression>(angle);
}

bool is_single(std::string_view precision) {
  qsim::require(precision == "single" || precision == "double", "there is no precision '",
                precision, "'; there is single and double");
  return precision == "single";
}

}  // namespace ketgrad
