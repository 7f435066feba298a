#pragma once

#include <concepts>
#include <type_traits>

#include "qsim/core/error.h"

namespace qsim {

// Whole numbers of every kind, enumerators that count as such among them.
template <class N>
concept Whole = std::integral<N> ||(std::is_enum_v<N>&& std::convertible_to<N, int>);

// An int as an argument of public functions: a qubit, say, or a number of them. Made of whole
// numbers of every kind and of nothing else: a plain int would take 0.5 for 0 without a word.
// ValueError where an int does not hold the number.
class WholeNumber {
 public:
  template <Whole N>
  constexpr WholeNumber(N number) : value_(static_cast<int>(number)) {
    if constexpr (std::integral<N> && sizeof(N) >= sizeof(int)) {
      const bool fits = static_cast<N>(value_) == number && (value_ < 0) == (number < N{});
      if (!fits) fail(number, " is beyond the whole numbers of 32 bits");
    }
  }
  constexpr operator int() const { return value_; }

 private:
  int value_;
};

}  // namespace qsim
