#include <memory>
#include <utility>

#include "qsim/qasm/qasm3_reader.h"

// What is left where measured bits say so goes on where they do not: the rest of a block, and
// further rounds, are read under the condition that nothing has been left.

namespace qsim::qasm {

void Qasm3Reader::leave(const Token& token, Flow flow, Exit& exit,
                        const std::shared_ptr<const Condition>& where) {
  if (where != where_.condition) {
    lexer_.placed(token, [&] {
      settle();
      exit.where = simplified(disjunction(exit.where, here()));
    });
    charge(token, weight({exit.where}));
    ++exit.times;
  }
  flow_ = flow;
}

void Qasm3Reader::add_exit(const Token& token, Exit& exit, const Exit& more) {
  if (more.times == 0) return;
  exit.where =
      lexer_.placed(token, [&] { return simplified(disjunction(exit.where, more.where)); });
  exit.times += more.times;
}

void Qasm3Reader::read_break() {
  const Token token = lexer_.next();
  lexer_.require_at(loops_ > 0, token, quoted(token), " outside of a loop");
  leave(token, Flow::kBreak, left_.loop, loop_where_);
}

void Qasm3Reader::read_continue() {
  const Token token = lexer_.next();
  lexer_.require_at(loops_ > 0, token, quoted(token), " outside of a loop");
  leave(token, Flow::kContinue, left_.round, loop_where_);
}

// What is returned first is as good as anything where it is not.
void Qasm3Reader::read_return() {
  const Token token = lexer_.next();
  lexer_.require_at(calls_ > 0, token, quoted(token), " outside of a subroutine");
  std::optional<Term> value;
  if (lexer_.peek().is("measure")) {
    value = read_measured();
  } else if (!lexer_.peek().is(";")) {
    value = read_term();
  }
  if (value && returns_) {
    value = lexer_.placed(returns_->word, [&] { return converted(returns_->type, *value); });
    if (returned_) value = merged(token, std::move(*value), *returned_, call_where_);
    returned_ = std::move(value);
  }
  leave(token, Flow::kReturn, left_.call, call_where_);
}

void Qasm3Reader::read_end() { leave(lexer_.next(), Flow::kEnd, left_.file, nullptr); }

std::vector<Condition> Qasm3Reader::cases_not_left(const Token& token) const {
  return lexer_.placed(token, [&] {
    Bit left = disjunction(left_.round.where, left_.loop.where);
    left = disjunction(left, disjunction(left_.call.where, left_.file.where));
    const auto guard = guard_of(simplified(opposite(left)));
    const Condition known = where_.condition ? *where_.condition : Condition{};
    std::vector<Condition> out = beyond(known, required(guard->holds));
    std::erase_if(out, [&](const Condition& condition) { return !can_be_here(condition); });
    for (Condition& condition : out) {
      condition.insert(condition.begin(), known.begin(), known.end());
      condition = compact(condition);
    }
    return out;
  });
}

// Its registers are declared once: there may be one case only.
void Qasm3Reader::go_on_where_not_left(const Token& token) {
  const std::vector<Condition> cases = cases_not_left(token);
  lexer_.require_at(cases.size() <= 1, token, "the file ends here where measured bits have one of ",
                    "several values; what is behind it would be there ", cases.size(), " times");
  if (cases.empty()) {
    flow_ = Flow::kEnd;
    return;
  }
  watched_.push_back(guard_of(left_.file.where)->cells);
  ends_.emplace_back(operations_.size(), cases.front());
  act_within(token, {}, cases.front());
}

}  // namespace qsim::qasm
