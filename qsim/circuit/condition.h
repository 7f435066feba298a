#pragma once

#include <memory>
#include <set>
#include <vector>

#include "qsim/circuit/operation.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {

// Where `condition` does not hold, as cases that exclude each other:
// not (A and B and C) is not A, or A and not B, or A and B and not C.
std::vector<Condition> failing_cases(const Condition& condition);

// The same comparisons; or none in both.
inline bool same_condition(const std::shared_ptr<const Condition>& a,
                           const std::shared_ptr<const Condition>& b) {
  return a == b || (a && b && *a == *b);
}

// Makes the operation depend on the condition as well. Barriers never depend on anything.
void add_condition(Operation& operation, const Condition& condition);

// Every operation asks its condition anew, so that none may follow a measurement into its bits:
// ValueError where one does.
template <class Iterator>
void check_condition_lasts(const Condition& condition, Iterator begin, const Iterator& end) {
  std::set<int> read;
  for (const Comparison& comparison : condition) {
    read.insert(comparison.bits.begin(), comparison.bits.end());
  }
  int changed = -1;
  for (; begin != end; ++begin) {
    count_work();
    require(changed < 0, "bit ", changed,
            " is measured inside of what depends on it, before the end; measure into another bit");
    if (read.contains(begin->bit)) changed = begin->bit;
  }
}

}  // namespace qsim
