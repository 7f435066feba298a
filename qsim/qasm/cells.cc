#include "qsim/qasm/cells.h"

#include <algorithm>
#include <utility>

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"

namespace qsim::qasm {
namespace {

bool reads(const std::shared_ptr<const Condition>& condition, int cell) {
  return condition && std::ranges::any_of(*condition, [&](const Comparison& comparison) {
           return std::ranges::find(comparison.bits, cell) != comparison.bits.end();
         });
}

}  // namespace

Cell Cells::take(bool clean) {
  for (const int number : pool_->returned) {
    (states_[static_cast<std::size_t>(number)].is_measured ? used_ : clean_).push_back(number);
  }
  pool_->returned.clear();
  std::vector<int>& from = clean || used_.empty() ? clean_ : used_;
  int number = count();
  if (from.empty()) {
    require(number < kMaxBits, "the file needs more than ", kMaxBits, " classical bits");
    states_.emplace_back();
    pool_->numbers.push_back(number);
  } else {
    number = from.back();
    from.pop_back();
  }
  const auto give_back = [pool = pool_](const int* cell) { pool->returned.push_back(*cell); };
  Cell out(&pool_->numbers[static_cast<std::size_t>(number)], give_back);
  states_[static_cast<std::size_t>(number)].cell = out;
  return out;
}

std::size_t Cells::mark_measured(const Cell& cell, const std::shared_ptr<const Condition>& where) {
  State& state = states_[static_cast<std::size_t>(*cell)];
  const auto before = state.within;
  const bool is_first = !std::exchange(state.is_measured, true);
  ++state.times;
  // What is known of other cells by what this one held is known no longer.
  for (const int reader : std::exchange(state.readers, {})) {
    State& other = states_[static_cast<std::size_t>(reader)];
    if (reads(other.within, *cell)) other.within = nullptr;
    if (reads(other.before, *cell)) other.before = nullptr;
  }
  const bool stays = (is_first || state.within == where) && !reads(where, *cell);
  state.within = stays ? where : nullptr;
  state.before = before;
  if (!state.within || state.within == before) return state.times;
  for (const Comparison& comparison : *where) {
    for (const int bit : comparison.bits) {
      states_[static_cast<std::size_t>(bit)].readers.push_back(*cell);
    }
  }
  return state.times;
}

void Cells::take_back(const Cell& cell, std::size_t time) {
  State& state = states_[static_cast<std::size_t>(*cell)];
  state.within = time == state.times ? std::exchange(state.before, nullptr) : nullptr;
  --state.times;
}

bool Cells::is_within(const Cell& cell, const std::shared_ptr<const Condition>& where) const {
  const State& state = states_[static_cast<std::size_t>(*cell)];
  return where != nullptr && state.within == where;
}

std::shared_ptr<const Condition> Cells::within(const Comparison& comparison) const {
  std::shared_ptr<const Condition> out;
  for (std::size_t k = 0; k < comparison.bits.size(); ++k) {
    const State& state = states_[static_cast<std::size_t>(comparison.bits[k])];
    if (comparison.equal && comparison.values[k] && state.within) return state.within;
    if (comparison.equal) continue;
    // Not all are 0, and all are measured where the same holds; or the only one is not 0.
    if (comparison.values[k] || (k > 0 && state.within != out)) return nullptr;
    out = state.within;
  }
  return out;
}

std::size_t Cells::times_measured(const Condition& condition) const {
  std::size_t out = 0;
  for (const Comparison& comparison : condition) {
    for (const int bit : comparison.bits) out += states_[static_cast<std::size_t>(bit)].times;
  }
  return out;
}

Cell Cells::at(int number) const { return states_[static_cast<std::size_t>(number)].cell.lock(); }

}  // namespace qsim::qasm
