#pragma once

#include <string_view>

#include "qsim/core/error.h"

namespace ketgrad {

// Throws ValueError for an argument that would be ignored without another one.
inline void require_goes_with(bool given, std::string_view argument, bool has_other,
                              std::string_view other) {
  qsim::require(!given || has_other, argument, " is given without ", other,
                ", and would be ignored");
}

}  // namespace ketgrad
