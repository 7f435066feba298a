#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/core/count_work.h"
#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kMostCases = 256;  // the body is read, and runs, once for each

using Cases = std::vector<Condition>;

// A bit that is not 1 is 0.
Comparison plain(Comparison comparison) {
  if (comparison.bits.size() == 1 && !comparison.equal) {
    comparison.equal = true;
    comparison.values.flip();
  }
  return comparison;
}

// Adds a comparison to others that hold; false where they leave it no chance.
bool join(Condition& condition, const Comparison& comparison) {
  const Comparison next = plain(comparison);
  for (const Comparison& known : condition) {
    const Comparison own = plain(known);
    if (own == next) return true;
    Comparison opposite = next;
    opposite.equal = !next.equal;
    if (own == plain(opposite)) return false;
  }
  condition.push_back(comparison);
  return true;
}

// Where both hold; of one case each, as they stand.
Cases both(const Cases& a, const Cases& b) {
  Cases out;
  if (a.size() == 1 && b.size() == 1) {
    out = a;
    out.front().insert(out.front().end(), b.front().begin(), b.front().end());
    return out;
  }
  for (const Condition& first : a) {
    for (const Condition& second : b) {
      count_work();
      Condition all = first;
      const bool possible = std::ranges::all_of(
          second, [&](const Comparison& comparison) { return join(all, comparison); });
      if (possible) out.push_back(std::move(all));
      require(out.size() <= kMostCases, "the condition has more than ", kMostCases,
              " cases that exclude each other");
    }
  }
  return out;
}

Cases neither(const Cases& cases) {
  Cases out{{}};
  for (const Condition& condition : cases) out = both(out, failing_cases(condition));
  return out;
}

// Where the bits from the highest to k are those of the number, but for bit k itself. Bits of the
// number that a register of that size has not are 0.
Condition first_difference_at(const Operand& bits, std::int64_t number, int k) {
  Comparison out;
  for (int j = k; j < bits.size; ++j) {
    out.bits.push_back(bits.at(j));
    out.values.push_back((j < 63 && ((number >> j) & 1) != 0) != (j == k));
  }
  return {std::move(out)};
}

// Where the number in the bits is below (or above) another that is not negative.
Cases beyond(const Operand& bits, std::int64_t number, bool below) {
  if (bits.size < 63 && number >> bits.size != 0) return below ? Cases{{}} : Cases{};
  Cases out;
  for (int k = 0; k < bits.size; ++k) {
    const bool is_one = k < 63 && ((number >> k) & 1) != 0;
    if (is_one == below) out.push_back(first_difference_at(bits, number, k));
  }
  return out;
}

}  // namespace

void Qasm3Reader::read_body_under(const Token& token, const Where& outer,
                                  const Condition* condition) {
  where_ = outer;
  where_.never = outer.never || condition == nullptr;
  if (condition != nullptr && !condition->empty()) {
    Condition all = outer.condition ? *outer.condition : Condition{};
    all.insert(all.end(), condition->begin(), condition->end());
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
  read_body_in(token, guard.cases);
  if (lexer_.accept("else")) {
    read_body_in(token, lexer_.placed(token, [&] { return neither(guard.cases); }));
  }
  if (where_.never) return;
  Condition all;
  for (const Condition& one : guard.cases) all.insert(all.end(), one.begin(), one.end());
  check_condition(token, all, first);
}

void Qasm3Reader::read_body_in(const Token& token, const Cases& cases) {
  const Where outer = where_;
  if (cases.empty()) read_body_under(token, outer, nullptr);
  const std::size_t position = lexer_.position();
  for (const Condition& condition : cases) {
    lexer_.seek(position);
    read_body_under(token, outer, &condition);
  }
}

// From what binds least.
constexpr std::array<std::string_view, 4> kJoins{"||", "&&", "|", "&"};

Guard Qasm3Reader::read_guard(std::size_t join) {
  if (join == kJoins.size()) return read_comparison();
  if (join == 0) {
    lexer_.require_at(++nested_ <= kMostNested, lexer_.peek(), "conditions are nested more than ",
                      kMostNested, " deep");
  }
  const Token token = lexer_.peek();
  Guard out = read_guard(join + 1);
  const bool of_bits = kJoins[join].size() == 1;
  const bool any = kJoins[join].front() == '|';
  // Of a chain of '||', each adds where it holds and none before it does.
  Cases none = any && lexer_.peek().is(kJoins[join]) ? neither(out.cases) : Cases{};
  while (lexer_.accept(kJoins[join])) {
    const Guard next = read_guard(join + 1);
    lexer_.require_at(!of_bits || (out.is_bit && next.is_bit), token, "'", kJoins[join],
                      "' is read between single bits; between comparisons write '", kJoins[join],
                      kJoins[join], "'");
    lexer_.placed(token, [&] {
      if (any) {
        std::ranges::move(both(none, next.cases), std::back_inserter(out.cases));
        none = both(none, neither(next.cases));
      } else {
        out.cases = both(out.cases, next.cases);
      }
      require(out.cases.size() <= kMostCases, "the condition has more than ", kMostCases,
              " cases that exclude each other");
    });
    out.is_bit = of_bits;
  }
  if (join > 0) return out;
  if (!lexer_.peek().is(")")) lexer_.fail_expected(lexer_.peek(), "'&&', '||' or ')'");
  --nested_;
  return out;
}

Guard Qasm3Reader::read_comparison() {
  const Token token = lexer_.peek();
  const bool after_not = token.is("!");
  bool negated = false;
  while (lexer_.accept("!")) negated = !negated;
  Guard out;
  if (!begins_masked() && lexer_.accept("(")) {
    out = read_guard(0);
    lexer_.expect(")");
  } else {
    out = read_bits_comparison(after_not);
  }
  if (!negated) return out;
  const bool bit_alone = out.is_bit && out.cases.size() == 1 && out.cases.front().size() == 1;
  if (bit_alone && out.cases.front().front().bits.size() == 1) {
    out.cases.front().front().values.flip();  // the bit 0, and not "other than 1"
  } else {
    lexer_.placed(token, [&] { out.cases = neither(out.cases); });
  }
  return out;
}

// Whether "(bits & number)" comes, which is compared as bits are.
bool Qasm3Reader::begins_masked() {
  if (!lexer_.peek().is("(")) return false;
  const std::size_t position = lexer_.position();
  lexer_.next();
  bool out = is_bits(lexer_.peek());
  if (out) {
    out = read_operand(true).size > 1 && lexer_.peek().is("&");
  }
  lexer_.seek(position);
  return out;
}

Qasm3Reader::Compared Qasm3Reader::read_compared() {
  Compared out;
  if (begins_masked()) {
    lexer_.expect("(");
    out.bits = read_operand(true);
    lexer_.expect("&");
    out.mask = read_integer("what bits are masked with");
    lexer_.expect(")");
    return out;
  }
  const Token type = lexer_.peek();
  if (!is_type(type)) {
    out.bits = read_operand(true);
    return out;
  }
  const ScalarType cast = read_scalar_type({"uint", "int", "bool", "bit"});
  lexer_.expect("(");
  out.bits = read_operand(true);
  lexer_.expect(")");
  if (type.is("bool")) out.is_bool = true;
  const std::int64_t size = cast.bits.value_or(out.bits.size + 1);
  lexer_.require_at(!type.is("bit") || size == out.bits.size || !cast.bits, type, "bit[", size,
                    "] of ", out.bits.size, " bit(s)");
  if (size < out.bits.size) out.mask = (std::int64_t{1} << std::min<std::int64_t>(size, 62)) - 1;
  if (type.is("int") && size <= out.bits.size) {
    lexer_.require_at(size <= 62, type, "int[", size, "] of ", out.bits.size,
                      " bit(s): the sign of more than 62 is not supported");
    out.signed_size = static_cast<int>(size);
  }
  return out;
}

Guard Qasm3Reader::read_bits_comparison(bool after_not) {
  if (lexer_.accept("true")) return {{{}}};
  if (lexer_.accept("false")) return {};
  const Compared compared = read_compared();
  const Operand& bits = compared.bits;
  charge(bits.token, static_cast<std::size_t>(bits.size) / kWiresPerUnit);
  const Token sign = lexer_.peek();
  if (compared.is_bool) return {neither({{*comparison_with(bits, "0")}}), true};
  const bool is_equality = sign.is("==") || sign.is("!=");
  const bool is_order = sign.is("<") || sign.is("<=") || sign.is(">") || sign.is(">=");
  lexer_.require_at(!after_not || (bits.size == 1 && !is_equality && !is_order), sign,
                    "'!' takes a single bit by itself; put brackets around the comparison");
  if (!is_equality && !is_order) {
    if (bits.size > 1) lexer_.fail_expected(sign, "'==', '!=' or '<'");
    return {{{{{bits.at(0)}, {true}}}}, true};
  }
  lexer_.next();
  if (is_order) return {read_order(compared, sign)};
  const std::optional<Comparison> comparison = read_number_for(compared);
  const bool never = !comparison.has_value();
  if (never || comparison->bits.empty()) return never == sign.is("==") ? Guard{} : Guard{{{}}};
  Comparison out = *comparison;
  out.equal = sign.is("==");
  return {{{std::move(out)}}};
}

std::vector<Condition> Qasm3Reader::read_order(const Compared& compared, const Token& sign) {
  lexer_.require_at(compared.signed_size == 0 && !compared.mask, sign,
                    "the order of signed and masked numbers is not supported in conditions");
  const std::int64_t number = read_integer("what bits are compared with");
  const bool below = sign.is("<") || sign.is("<=");
  const bool strictly = sign.is("<") || sign.is(">");
  if (number < 0 || (number == 0 && sign.is("<"))) return below ? Cases{} : Cases{{}};
  if (number == 0 && sign.is(">=")) return {{}};
  return beyond(compared.bits, strictly ? number : number + (below ? 1 : -1), below);
}

std::optional<Comparison> Qasm3Reader::read_number_for(const Compared& compared) {
  const Operand& bits = compared.bits;
  const Token token = lexer_.peek();
  if (token.kind == TokenKind::kString) return read_bit_string(bits);
  lexer_.require_at(!is_type(token), token, "casts such as ", quoted(token),
                    "(…) are not supported behind a comparison; write the number itself");
  lexer_.require_at(!is_bits(token), token,
                    "bits are compared with numbers or a string of digits; ",
                    "comparing them with other bits, here ", quoted(token), ", is not supported");
  if (lexer_.accept("true")) return comparison_with(bits, "1");
  if (lexer_.accept("false")) return comparison_with(bits, "0");
  if (compared.mask || compared.signed_size > 0) {
    return in_some_bits(compared, read_integer("what bits are compared with"));
  }
  if (token.kind == TokenKind::kInteger &&
      token.text.find_first_not_of("0123456789_") == token.text.npos) {
    const std::size_t position = lexer_.position();
    lexer_.next();
    const Token next = lexer_.peek();
    const bool ends = next.is(")") || std::ranges::any_of(kJoins, [&](std::string_view join) {
                        return next.is(join);
                      });
    if (ends) {
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

std::optional<Comparison> Qasm3Reader::in_some_bits(const Compared& compared, std::int64_t number) {
  if (const int size = compared.signed_size; size > 0) {
    const std::int64_t half = std::int64_t{1} << (size - 1);
    if (number < -half || number >= half) return std::nullopt;
    if (number < 0) number += 2 * half;
  }
  const int size = std::min(compared.bits.size, 62);
  const std::int64_t all = (std::int64_t{1} << size) - 1;
  const std::int64_t mask = compared.mask.value_or(all) & all;  // other bits are 0
  if (number < 0 || (number & ~mask) != 0) return std::nullopt;
  Comparison out;
  for (int k = 0; k < size; ++k) {
    if (((mask >> k) & 1) == 0) continue;
    out.bits.push_back(compared.bits.at(k));
    out.values.push_back(((number >> k) & 1) != 0);
  }
  return out;
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
