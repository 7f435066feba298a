#include <algorithm>
#include <string>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {

void Qasm3Reader::read_body_under(const Token& token, const Where& outer, const Guard& guard) {
  where_ = outer;
  where_.never = outer.never || guard.never;
  if (!guard.condition.empty()) {
    Condition all = outer.condition ? *outer.condition : Condition{};
    all.insert(all.end(), guard.condition.begin(), guard.condition.end());
    act_where(token, std::move(all));
  }
  read_body();
  where_ = outer;
}

void Qasm3Reader::read_if() {
  const Token token = lexer_.next();
  lexer_.expect("(");
  const Guard guard = read_guard();
  lexer_.expect(")");
  const std::size_t first = operations_.size();
  const Where outer = where_;
  read_body_under(token, outer, guard);
  if (lexer_.accept("else")) read_else(token, outer, guard);
  if (!where_.never) check_condition(token, guard.condition, first);
}

void Qasm3Reader::read_else(const Token& token, const Where& outer, const Guard& guard) {
  if (guard.never || guard.condition.empty()) {
    read_body_under(token, outer, {.never = !guard.never});
    return;
  }
  const std::size_t position = lexer_.position();
  for (Condition& condition : failing_cases(guard.condition)) {
    lexer_.seek(position);
    read_body_under(token, outer, {.condition = std::move(condition)});
  }
}

Guard Qasm3Reader::read_guard() {
  lexer_.require_at(++nested_ <= kMostNested, lexer_.peek(), "conditions are nested more than ",
                    kMostNested, " deep");
  Guard out = read_comparison();
  while (lexer_.accept("&&")) {
    Guard next = read_comparison();
    out.condition.insert(out.condition.end(), next.condition.begin(), next.condition.end());
    out.never = out.never || next.never;
    out.is_bit = false;
  }
  if (!lexer_.peek().is(")")) lexer_.fail_expected(lexer_.peek(), "'&&' or ')'");
  --nested_;
  return out;
}

Guard Qasm3Reader::read_comparison() {
  const Token token = lexer_.peek();
  const bool after_not = token.is("!");
  bool negated = false;
  while (lexer_.accept("!")) negated = !negated;
  Guard out;
  if (lexer_.accept("(")) {
    out = read_guard();
    lexer_.expect(")");
  } else {
    out = read_bits_comparison(after_not);
  }
  if (!negated) return out;
  lexer_.require_at(out.condition.size() <= 1, token, "the negation of '&&' is outside of what ",
                    "is read; use else");
  if (out.condition.empty()) {
    out.never = !out.never;
  } else if (out.is_bit) {
    out.condition.front().values.front() = !out.condition.front().values.front();
  } else {
    out.condition.front().equal = !out.condition.front().equal;
  }
  return out;
}

void Qasm3Reader::refuse_unread_condition(const Token& token) const {
  lexer_.require_at(!is_type(token), token, "casts such as ", quoted(token),
                    "(…) are not supported in conditions; compare the bits themselves");
}

Guard Qasm3Reader::read_bits_comparison(bool after_not) {
  if (lexer_.accept("true")) return {};
  if (lexer_.accept("false")) return {.never = true};
  refuse_unread_condition(lexer_.peek());
  const Operand bits = read_operand(true);
  charge(bits.token, static_cast<std::size_t>(bits.size) / kWiresPerUnit);
  const Token sign = lexer_.peek();
  const bool is_comparison = sign.is("==") || sign.is("!=");
  lexer_.require_at(!after_not || (bits.size == 1 && !is_comparison), sign,
                    "'!' takes a single bit by itself; put brackets around the comparison");
  if (!is_comparison) {
    if (bits.size > 1) lexer_.fail_expected(sign, "'==' or '!='");
    return {.condition = {{{bits.at(0)}, {true}}}, .is_bit = true};
  }
  lexer_.next();
  std::optional<Comparison> comparison = read_number_for(bits);
  if (!comparison) return {.never = sign.is("==")};
  comparison->equal = sign.is("==");
  return {.condition = {std::move(*comparison)}};
}

std::optional<Comparison> Qasm3Reader::read_number_for(const Operand& bits) {
  const Token token = lexer_.peek();
  if (token.kind == TokenKind::kString) return read_bit_string(bits);
  refuse_unread_condition(token);
  lexer_.require_at(!is_bits(token), token,
                    "bits are compared with numbers or a string of digits; ",
                    "comparing them with other bits, here ", quoted(token), ", is not supported");
  if (lexer_.accept("true")) return comparison_with(bits, "1");
  if (lexer_.accept("false")) return comparison_with(bits, "0");
  if (token.kind == TokenKind::kInteger &&
      token.text.find_first_not_of("0123456789_") == token.text.npos) {
    const std::size_t position = lexer_.position();
    lexer_.next();
    if (lexer_.peek().is(")") || lexer_.peek().is("&&")) {
      std::string digits(token.text);
      std::erase(digits, '_');
      return comparison_with(bits, digits);
    }
    lexer_.seek(position);
  }
  const std::int64_t number = read_integer("what bits are compared with");
  if (number < 0) return std::nullopt;
  return comparison_with(bits, std::to_string(number));
}

Comparison Qasm3Reader::read_bit_string(const Operand& bits) {
  const Token token = lexer_.next();
  const auto size = static_cast<std::size_t>(bits.size);
  lexer_.require_at(
      token.text.size() == size && token.text.find_first_not_of("01") == std::string_view::npos,
      token, "expected ", size, " digits 0 and 1, got ", quoted(token));
  Comparison out;
  for (std::size_t k = 0; k < size; ++k) {
    out.bits.push_back(bits.at(static_cast<int>(k)));
    out.values.push_back(token.text[size - 1 - k] == '1');
  }
  return out;
}

}  // namespace qsim::qasm
