#pragma once

#include <concepts>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "qsim/circuit/parameter.h"

namespace qsim {

// What a name stands for: a number (or an expression), or one for every element of a vector.
template <class Number>
struct OneOrEach {
  template <std::convertible_to<Number> One>
  OneOrEach(
      One&& one)  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
      : numbers{Number(std::forward<One>(one))} {}
  OneOrEach(std::vector<Number> each)  // NOLINT(google-explicit-constructor)
      : numbers(std::move(each)), is_list(true) {}
  OneOrEach(std::initializer_list<Number> each) : numbers(each), is_list(true) {}

  std::vector<Number> numbers;
  bool is_list = false;
};

// Numbers (or expressions) for the parameters of a circuit: by the name of a parameter or a vector,
// or all of them in the order of Circuit::parameters().
//
//   simulate<double>(circuit, {{"a", 0.5}, {"w", {0.1, 0.2}}});
template <class Number>
class NamedValues {
 public:
  using Named = std::map<std::string, OneOrEach<Number>>;

  NamedValues() = default;
  NamedValues(std::initializer_list<typename Named::value_type> named) : given_(Named(named)) {}
  NamedValues(Named named)  // NOLINT(google-explicit-constructor)
      : given_(std::move(named)) {}
  NamedValues(const std::map<std::string, Number>& named)  // NOLINT(google-explicit-constructor)
      : given_(Named(named.begin(), named.end())) {}
  static NamedValues in_order(std::vector<Number> numbers) {
    NamedValues out;
    out.given_ = std::move(numbers);
    return out;
  }

  // What each of these parameters gets; nothing where none was given. Throws ValueError for names
  // that are none of theirs, for wrong numbers of values, and for what is given twice.
  [[nodiscard]] std::vector<std::optional<Number>> of(
      std::span<const std::string> parameters) const;

 private:
  std::variant<Named, std::vector<Number>> given_;
};

using Values = NamedValues<double>;
using Replacements = NamedValues<Expression>;

extern template class NamedValues<double>;
extern template class NamedValues<Expression>;

}  // namespace qsim
