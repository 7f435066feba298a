#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/qasm/qasm3_reader.h"

// Rounds of a loop that one bit decides measure into a cell each, as later ones need what it was.
// Where each is measured only where those before are 0, and nothing behind it asks for fewer than
// all, one bit of the circuit has them all: it is 1 where one of them is. Measurements are put
// behind what is in their way, if that is on other qubits.

namespace qsim::qasm {
namespace {

constexpr std::size_t kLookedAtPerUnit = 4;  // bits and operations

// Where one cell is 1 and all others are 0.
bool holds_for_one(const Condition& condition, int one) {
  return std::ranges::all_of(condition, [one](const Comparison& comparison) {
    bool same = true;
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      same = same && (comparison.bits[k] == one) == comparison.values[k];
    }
    return same == comparison.equal;
  });
}

std::set<int> cells_of(const std::vector<Condition>& cases) {
  std::set<int> out;
  for (const Condition& condition : cases) {
    for (const Comparison& comparison : condition) {
      out.insert(comparison.bits.begin(), comparison.bits.end());
    }
  }
  return out;
}

// Whether it is 1 where one of the cells is, and 0 where none is. More are never.
bool is_one_of(const std::vector<Condition>& cases, const std::set<int>& cells) {
  const auto holds_for = [&](int one) {
    return std::ranges::any_of(
        cases, [one](const Condition& condition) { return holds_for_one(condition, one); });
  };
  return cells.size() > 1 && !holds_for(-1) && std::ranges::all_of(cells, holds_for);
}

// Of the cells, those that a condition wants to be 0. Nothing where it asks for one otherwise.
std::optional<std::set<int>> wanted_zeros(const Condition& condition, const std::set<int>& cells) {
  std::set<int> out;
  for (const Comparison& comparison : condition) {
    std::set<int> own;
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      if (!cells.contains(comparison.bits[k])) continue;
      const bool single = comparison.bits.size() == 1;
      const bool is_zero =
          comparison.equal ? !comparison.values[k] : single && comparison.values[k];
      if (!is_zero) return std::nullopt;
      own.insert(comparison.bits[k]);
    }
    out.merge(own);
  }
  return out;
}

// The same of the one cell in the place of all.
Condition with_one(const Condition& condition, const std::set<int>& cells, int one) {
  Condition out;
  bool is_there = false;
  for (const Comparison& comparison : condition) {
    Comparison rest{.equal = comparison.equal};
    for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
      if (cells.contains(comparison.bits[k])) {
        is_there = true;
        continue;
      }
      rest.bits.push_back(comparison.bits[k]);
      rest.values.push_back(comparison.values[k]);
    }
    if (!rest.bits.empty()) out.push_back(std::move(rest));
  }
  if (is_there) out.push_back({{one}, {false}, true});
  return compact(out);
}

bool touches(const Operation& op, Qubit qubit) {
  const auto is_it = [qubit](const Control& control) { return control.qubit == qubit; };
  return std::ranges::find(op.targets, qubit) != op.targets.end() ||
         std::ranges::any_of(op.controls, is_it);
}

// Whether a measurement may as well be behind an operation.
bool may_follow(const Operation& measurement, const Operation& op) {
  if (touches(op, measurement.targets.front())) return false;
  if (op.bit < 0 || !measurement.condition) return true;
  return std::ranges::none_of(*measurement.condition, [&](const Comparison& comparison) {
    return std::ranges::find(comparison.bits, op.bit) != comparison.bits.end();
  });
}

// Puts the measurements of cells behind what asks for those before them alone.
class Sinking {
 public:
  Sinking(std::deque<Operation> operations, std::vector<Box> boxes)
      : operations_(std::move(operations)), boxes_(std::move(boxes)) {}

  // Whether each of the cells is measured once, where all that were measured before it are 0, and
  // each operation that asks for any asks whether all so far are 0.
  bool run(const std::set<int>& cells) {
    std::set<int> before;  // without the last
    std::set<int> so_far;
    for (std::size_t k = 0; k < operations_.size(); ++k) {
      const Operation& op = operations_[k];
      count_work(1 + (op.condition ? op.condition->size() : 0));
      const bool is_measurement = cells.contains(op.bit);
      // What is asked of the first alone is asked of the one bit.
      if (so_far.size() < 2 && !is_measurement) continue;
      const auto zeros = op.condition ? wanted_zeros(*op.condition, cells) : std::set<int>{};
      if (!zeros || (is_measurement && *zeros != so_far)) return false;
      if (is_measurement) {
        before = so_far;
        if (!so_far.insert(op.bit).second) return false;
        last_ = k;
      } else if (*zeros == before) {
        if (!sink(k)) return false;
      } else if (!zeros->empty() && *zeros != so_far) {
        return false;
      }
    }
    return so_far == cells;
  }

  std::deque<Operation>& operations() { return operations_; }
  std::vector<Box>& boxes() { return boxes_; }

 private:
  bool sink(std::size_t to) {
    for (Box& box : boxes_) {
      count_work();
      if (box.end() <= last_ || box.first > to) continue;
      if (box.first <= last_ || box.end() > to + 1) return false;
      --box.first;
    }
    for (; last_ < to; ++last_) {
      if (!may_follow(operations_[last_], operations_[last_ + 1])) return false;
      std::swap(operations_[last_], operations_[last_ + 1]);
    }
    return true;
  }

  std::deque<Operation> operations_;
  std::vector<Box> boxes_;
  std::size_t last_ = 0;  // measurement
};

}  // namespace

std::set<int> Qasm3Reader::alternatives(std::size_t slot) {
  const Bit& bit = slots_[slot].bit;
  if (!bit.guard || !bit.guard->holds) return {};
  std::set<int> cells = cells_of(*bit.guard->holds);
  if (!is_one_of(*bit.guard->holds, cells)) return {};
  budget_.charge((slots_.size() + operations_.size()) / kLookedAtPerUnit);
  for (std::size_t k = 0; k < slots_.size(); ++k) {
    const Bit& other = slots_[k].bit;
    if (k == slot || other.is_known()) continue;
    const auto guard = guard_of(other);
    const bool reads_them =
        std::ranges::any_of(guard->cells, [&](const Cell& cell) { return cells.contains(*cell); });
    if (reads_them) return {};
  }
  Sinking sinking(operations_, boxes_);
  if (!sinking.run(cells)) return {};
  operations_ = std::move(sinking.operations());
  boxes_ = std::move(sinking.boxes());
  return cells;
}

// Into the first that is measured.
void Qasm3Reader::merge(std::size_t slot, const std::set<int>& cells) {
  int first = -1;
  int so_far = 0;
  std::map<std::shared_ptr<const Condition>, std::shared_ptr<const Condition>> known;
  for (Operation& op : operations_) {
    count_work();
    if (so_far > 1 && op.condition) {
      auto& merged = known[op.condition];
      if (!merged) {
        merged = std::make_shared<const Condition>(with_one(*op.condition, cells, first));
      }
      op.condition = merged;
    }
    if (!cells.contains(op.bit)) continue;
    if (so_far++ == 0) first = op.bit;
    op.bit = first;
  }
  slots_[slot].bit = {.cell = cells_.at(first)};
}

void Qasm3Reader::merge_outcomes() {
  if (!ends_.empty()) return;  // what is behind the end of the file asks for bits as they are
  for (const DeclaredBits& bits : declared_bits_) {
    const auto first = static_cast<std::size_t>(bits.first);
    for (std::size_t slot = first; slot < first + static_cast<std::size_t>(bits.size); ++slot) {
      const std::set<int> cells = lexer_.placed(bits.name, [&] { return alternatives(slot); });
      if (!cells.empty()) merge(slot, cells);
    }
  }
}

}  // namespace qsim::qasm
