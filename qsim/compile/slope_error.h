#pragma once

#include <string>

#include "qsim/core/error.h"

namespace qsim {

// An expression has no finite derivative by an entry of the tape. Whoever knows which sample that
// was can find it again and say so.
class SlopeError : public ValueError {
 public:
  SlopeError(const std::string& message, int by_entry) : ValueError(message), entry(by_entry) {}
  int entry;
};

}  // namespace qsim
