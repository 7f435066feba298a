#include "qsim/circuit/condition.h"

#include <memory>
#include <utility>

namespace qsim {

std::vector<Condition> failing_cases(const Condition& condition) {
  std::vector<Condition> out;
  Condition so_far;
  for (const Comparison& comparison : condition) {
    out.push_back(so_far);
    out.back().push_back({comparison.bits, comparison.values, !comparison.equal});
    so_far.push_back(comparison);
  }
  return out;
}

void add_condition(Operation& op, const Condition& condition) {
  if (op.row->kind == GateKind::kBarrier) return;
  Condition all = condition;
  if (op.condition) all.insert(all.end(), op.condition->begin(), op.condition->end());
  op.condition = std::make_shared<const Condition>(std::move(all));
}

}  // namespace qsim
