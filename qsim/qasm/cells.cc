#include "qsim/qasm/cells.h"

#include "qsim/circuit/circuit.h"
#include "qsim/core/error.h"

namespace qsim::qasm {

Cell Cells::take(bool clean) {
  for (const int number : *returned_) {
    (states_[static_cast<std::size_t>(number)].is_measured ? used_ : clean_).push_back(number);
  }
  returned_->clear();
  std::vector<int>& from = clean || used_.empty() ? clean_ : used_;
  int number = count();
  if (from.empty()) {
    require(number < kMaxBits, "the file needs more than ", kMaxBits, " classical bits");
    states_.emplace_back();
  } else {
    number = from.back();
    from.pop_back();
  }
  const auto give_back = [list = returned_](const int* cell) {
    list->push_back(*cell);
    delete cell;  // NOLINT(cppcoreguidelines-owning-memory): a shared pointer's deleter
  };
  Cell out(new int(number), give_back);
  states_[static_cast<std::size_t>(number)].cell = out;
  return out;
}

void Cells::mark_measured(const Cell& cell, const std::shared_ptr<const Condition>& where) {
  State& state = states_[static_cast<std::size_t>(*cell)];
  if (!state.is_measured) {
    state.within = where;
  } else if (state.within != where) {
    state.within = nullptr;
  }
  state.is_measured = true;
}

bool Cells::is_within(const Cell& cell, const std::shared_ptr<const Condition>& where) const {
  const State& state = states_[static_cast<std::size_t>(*cell)];
  return where != nullptr && state.within == where;
}

Cell Cells::at(int number) const { return states_[static_cast<std::size_t>(number)].cell.lock(); }

}  // namespace qsim::qasm
