#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "qsim/qasm/guard.h"

namespace qsim::qasm {

// The classical bits of the circuit while its file is read: more than the file's registers have,
// where bits are measured in subroutines and blocks, or where what they held is still needed.
class Cells {
 public:
  // One that nothing holds. Without a clean one, in which nothing was measured so far and which is
  // therefore 0, any will do. ValueError where there are too many.
  Cell take(bool clean);
  // A measurement into it, which happens where the condition holds (null: always). Returns how many
  // there were.
  std::size_t mark_measured(const Cell& cell, const std::shared_ptr<const Condition>& where);
  // The one of them after which there were so many goes elsewhere.
  void take_back(const Cell& cell, std::size_t time);
  // Whether it can be 1 only where this very condition holds.
  [[nodiscard]] bool is_within(const Cell& cell,
                               const std::shared_ptr<const Condition>& where) const;
  // What must hold where the comparison does: outcomes that are 1 were measured. Null for nothing.
  [[nodiscard]] std::shared_ptr<const Condition> within(const Comparison& comparison) const;
  // How often something was measured into the bits of the comparisons.
  [[nodiscard]] std::size_t times_measured(const Condition& condition) const;
  // The cell of that number, which something holds.
  [[nodiscard]] Cell at(int number) const;
  [[nodiscard]] int count() const { return static_cast<int>(states_.size()); }

 private:
  struct State {
    std::weak_ptr<const int> cell{};
    bool is_measured = false;
    std::size_t times = 0;
    std::shared_ptr<const Condition> within{};
    std::shared_ptr<const Condition> before{};  // the last measurement, what `within` was
    std::vector<int> readers{};                 // cells that may have either of what this one holds
  };
  std::vector<State> states_;
  // Cells point into it and come back to it when nothing holds them, perhaps behind this object.
  struct Pool {
    std::deque<int> numbers{};
    std::vector<int> returned{};
  };
  std::shared_ptr<Pool> pool_ = std::make_shared<Pool>();
  std::vector<int> clean_;
  std::vector<int> used_;
};

}  // namespace qsim::qasm
