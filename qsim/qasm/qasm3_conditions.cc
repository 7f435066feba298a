#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "qsim/qasm/qasm3_reader.h"

// What depends on measured bits happens in cases that exclude each other.

namespace qsim::qasm {

Bit Qasm3Reader::read_condition() {
  lexer_.expect("(");
  const Token token = lexer_.peek();
  Bit out;
  {
    const Term term = read_term();
    charge(token, term.bits.size() / kWiresPerUnit);
    out = lexer_.placed(token, [&] { return truth_of(term); });
  }
  if (!lexer_.peek().is(")")) lexer_.fail_expected(lexer_.peek(), "an operator or ')'");
  lexer_.next();
  let_go(out);
  return out;
}

void Qasm3Reader::read_if() {
  const Token token = lexer_.next();
  const auto guard = guard_of(read_condition());
  const std::size_t first = operations_.size();
  Condition read;
  watched_.push_back(guard->cells);
  read_body_in(token, guard->holds, read);
  if (lexer_.accept("else")) read_body_in(token, guard->fails, read);
  watched_.pop_back();
  forget_measured();
  check_condition(token, read, first);
}

void Qasm3Reader::read_body_in(const Token& token, const Cases& where, Condition& read) {
  std::vector<Condition> cases = lexer_.placed(token, [&] { return required(where); });
  if (cases.size() > 1) cases = *possible(cases);
  if (cases.empty() || flow_ != Flow::kOn) return skip_body();
  in_cases(token, Where(where_), cases, read, [this] { read_body(); });
}

void Qasm3Reader::read_switch() {
  const Token token = lexer_.next();
  lexer_.expect("(");
  const Token first_token = lexer_.peek();
  Term value = read_term();
  lexer_.expect(")");
  charge(token, 1 + value.bits.size() / kWiresPerUnit);
  lexer_.require_at(value.type.is_whole() && (is_measured(value) || value.number() != nullptr),
                    first_token, "switch takes a whole number");
  std::ranges::for_each(value.bits, let_go);
  lexer_.expect("{");
  const std::size_t first = operations_.size();
  watched_.emplace_back();
  for (const Bit& bit : value.bits) {
    const auto guard = guard_of(bit);
    watched_.back().insert(watched_.back().end(), guard->cells.begin(), guard->cells.end());
  }
  std::vector<std::int64_t> seen;
  Condition read;
  Bit none{.value = true};  // of the cases so far
  while (lexer_.accept("case")) {
    const Bit any = read_labels(value, seen);
    none = lexer_.placed(token, [&] { return conjunction(none, opposite(any)); });
    read_body_in(token, guard_of(any)->holds, read);
    if (lexer_.accept("break")) lexer_.expect(";");  // as early versions of the language had it
  }
  if (seen.empty()) lexer_.fail_expected(lexer_.peek(), "'case'");
  if (lexer_.accept("default")) {
    (void)lexer_.accept(":");
    read_body_in(token, guard_of(none)->holds, read);
    if (lexer_.accept("break")) lexer_.expect(";");
  }
  lexer_.expect("}");
  watched_.pop_back();
  forget_measured();
  check_condition(token, read, first);
}

// "1, 2": where the value is one of these.
Bit Qasm3Reader::read_labels(const Term& value, std::vector<std::int64_t>& seen) {
  Bit any;
  const auto read_label = [&] {
    const Token token = lexer_.peek();
    const std::int64_t label = read_integer("a label");
    lexer_.require_at(std::ranges::find(seen, label) == seen.end(), token, "two cases have the ",
                      "label ", label);
    charge(token, 1 + value.bits.size() / kWiresPerUnit + seen.size() / kWiresPerUnit);
    seen.push_back(label);
    any = lexer_.placed(token, [&] {
      const Term number = number_term(static_cast<double>(label), Type::Kind::kWritten);
      return simplified(disjunction(any, truth_of(apply_operator("==", value, number))));
    });
  };
  do {  // early versions of the language had "case 1: case 2:"
    read_list(lexer_, "{", read_label);
    (void)lexer_.accept(":");
  } while (lexer_.accept("case"));
  return any;
}

}  // namespace qsim::qasm
