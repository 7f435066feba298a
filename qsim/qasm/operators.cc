#include <algorithm>
#include <cmath>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/qasm/parts.h"
#include "qsim/qasm/term.h"

// The operators on whole numbers and bits.

namespace qsim::qasm {
namespace {

using Kind = Type::Kind;
constexpr int kMostWrapped = 53;

bool is_one_of(std::string_view symbol, std::initializer_list<std::string_view> symbols) {
  return std::ranges::find(symbols, symbol) != symbols.end();
}

double remainder_of(double a, double b) { return std::fmod(a, b); }

// Of no whole type: a number as it is written, or a real one.
bool is_plain(const Term& term) {
  return term.value && (term.type.kind == Kind::kWritten || !term.type.is_whole());
}
bool is_real(const Term& term) { return term.value && !term.type.is_whole(); }

void keep_written(Term& term) {
  const double* number = term.number();
  const bool is_whole =
      number != nullptr && *number == std::floor(*number) && std::abs(*number) <= kLargestWhole;
  if (is_whole) term.type.kind = Kind::kWritten;
}

bool is_untyped(const Type& type) {
  return type.kind == Kind::kWritten || type.kind == Kind::kBool;
}

// What the result of arithmetic is of. A number as it is written is an int of no size.
Type common(const Type& a, const Type& b) {
  if (a.kind == Kind::kWritten && b.kind == Kind::kWritten) return a;
  if (is_untyped(a) || is_untyped(b) || a.is_bits() || b.is_bits()) return {Kind::kInt, 0};
  const int size = a.size == 0 || b.size == 0 ? 0 : std::max(a.size, b.size);
  if (a.kind == b.kind) return {a.kind, size};
  const Type& other = a.kind == Kind::kUint ? b : a;
  const bool fits = size > 0 && other.size == size && std::min(a.size, b.size) < size;
  return {fits ? Kind::kInt : Kind::kUint, size};
}

// Of '&', '|' and '^': bits stay bits.
Type bitwise(const Type& a, const Type& b) {
  if (a.kind == Kind::kWritten) return b;
  if (b.kind == Kind::kWritten) return a;
  if (a.kind == Kind::kBool) return b;
  if (b.kind == Kind::kBool) return a;
  if (a.is_bits() && b.is_bits()) return {Kind::kBit, std::max(a.size, b.size)};
  return a.is_bits() ? b : (b.is_bits() ? a : common(a, b));
}

std::int64_t whole(const Term& term, std::string_view symbol) {
  require_decided(term, "'", symbol, "' of what");
  const double* number = term.number();
  require(number != nullptr && *number == std::trunc(*number) && std::abs(*number) <= kLargestWhole,
          "'", symbol, "' is for whole numbers up to 2^53 and for bits");
  return static_cast<std::int64_t>(*number);
}

Term product(std::int64_t a, std::int64_t b, const Type& type) {
  if (type.size > 0 && type.size <= kMostWrapped) {
    const std::uint64_t out = static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b);
    return whole_term(static_cast<std::int64_t>(out), type);
  }
  const double out = static_cast<double>(a) * static_cast<double>(b);
  require(std::abs(out) <= kLargestWhole, "the product ", out, " is beyond 2^53");
  return whole_term(a * b, type);
}

Term arithmetic(std::string_view symbol, const Term& left, const Term& right) {
  const Type type = common(left.type, right.type);
  const std::int64_t a = whole(left, symbol);
  const std::int64_t b = whole(right, symbol);
  if (symbol == "+") return whole_term(a + b, type);
  if (symbol == "-") return whole_term(a - b, type);
  if (symbol == "*") return product(a, b, type);
  if (symbol == "**") {
    const double out = std::pow(static_cast<double>(a), static_cast<double>(b));
    require(std::isfinite(out), "the result of '**' is ", out, "; it must be finite");
    if (b < 0) return number_term(out);
    require(std::abs(out) <= kLargestWhole, "the power ", out, " is beyond 2^53");
    return whole_term(static_cast<std::int64_t>(out), type);
  }
  require(b != 0, "'", symbol, "' by 0");
  return whole_term(symbol == "/" ? a / b : a % b, type);
}

Term shifted(std::string_view symbol, const Term& left, const Term& right) {
  require_decided(right, "the number of places of '", symbol, "'");
  const std::int64_t places = whole(right, symbol);
  require(places >= 0, "'", symbol, "' by ", places, " places");
  const bool up = symbol == "<<";
  if (is_measured(left)) {
    Bits bits(left.bits.size());
    const auto size = static_cast<std::int64_t>(bits.size());
    const bool keeps_sign = !up && left.type.kind == Kind::kInt;
    for (std::int64_t k = 0; k < size; ++k) {
      const std::int64_t from = up ? k - places : k + places;
      if (from >= 0 && from < size) {
        bits[static_cast<std::size_t>(k)] = left.bits[static_cast<std::size_t>(from)];
      } else if (keeps_sign) {
        bits[static_cast<std::size_t>(k)] = left.bits.back();
      }
    }
    return bits_term(std::move(bits), left.type.kind);
  }
  const std::int64_t number = whole(left, symbol);
  if (!up) return whole_term(number >> std::min<std::int64_t>(places, 63), left.type);
  if (left.type.size > 0 && places >= left.type.size) return whole_term(0, left.type);
  require(number == 0 || places < 63, "'<<' by ", places, " places is beyond 2^53");
  return product(number, number == 0 ? 1 : std::int64_t{1} << places, left.type);
}

Term of_bits(std::string_view symbol, const Term& left, const Term& right) {
  const Type type = bitwise(left.type, right.type);
  if (!is_measured(left) && !is_measured(right)) {
    const std::int64_t a = whole(left, symbol);
    const std::int64_t b = whole(right, symbol);
    return whole_term(symbol == "&" ? a & b : (symbol == "|" ? a | b : a ^ b), type);
  }
  std::size_t size = std::max(left.bits.size(), right.bits.size());
  if (type.size > 0 && type.kind != Kind::kBool) {
    size = std::max(size, static_cast<std::size_t>(type.size));
  }
  const Bits a = bits_of(left, size);
  Bits b = bits_of(right, size);
  const auto combine = symbol == "&" ? conjunction : (symbol == "|" ? disjunction : exclusive);
  std::ranges::transform(a, b, b.begin(), combine);
  return bits_term(std::move(b), type.kind);
}

Term measured_sum(std::string_view symbol, const Term& left, const Term& right) {
  if (symbol != "+" && symbol != "-") {
    require_decided(is_measured(left) ? left : right, "'", symbol, "' of what");
  }
  const Type type = common(left.type, right.type);
  const auto size =
      type.size > 0 ? static_cast<std::size_t>(type.size) : std::max(width(left), width(right)) + 1;
  const Bits a = bits_of(left, size);
  Bits b = bits_of(right, size);
  if (symbol == "-") std::ranges::transform(b, b.begin(), opposite);
  Term out = bits_term(sum(a, b, {.value = symbol == "-"}), type.kind);
  out.type.size = type.size;
  return out;
}

// Numbers with signs: those of their highest bits that are 1 are below the others.
Cases below_with_sign(const Term& x, const Term& y) {
  const std::size_t size = std::max(width(x), width(y));
  Bits a = bits_of(x, size);
  Bits b = bits_of(y, size);
  a.back() = opposite(a.back());
  b.back() = opposite(b.back());
  return below(a, b);
}

Bit equality(const Term& left, const Term& right) {
  const std::size_t size = std::max(width(left), width(right));
  return equal(bits_of(left, size), bits_of(right, size));
}

// x < y by cases, and where it is not, by those of y < x + 1 or, of two that are measured, by y < x
// and equality.
Bit order(const Term& x, const Term& y) {
  const auto moved = [](const Term& term, std::int64_t by) {
    return whole_term(whole(term, "<") + by, {Kind::kWritten, 0});
  };
  Guard out{.holds = below_with_sign(x, y)};
  if (!is_measured(x)) {
    out.fails = below_with_sign(y, moved(x, 1));
  } else if (!is_measured(y)) {
    out.fails = below_with_sign(moved(y, -1), x);
  } else {
    const auto same = guard_of(equality(x, y));
    out.fails = below_with_sign(y, x);
    if (out.fails && same->holds && out.fails->size() + same->holds->size() <= kMostCases) {
      out.fails->insert(out.fails->end(), same->holds->begin(), same->holds->end());
    } else {
      out.fails.reset();
    }
  }
  for (const Bits& bits : {x.bits, y.bits}) {
    for (const Bit& bit : bits) {
      const auto own = guard_of(bit);
      out.cells.insert(out.cells.end(), own->cells.begin(), own->cells.end());
    }
  }
  return simplified(bit_of(std::move(out)));
}

Term compared(std::string_view symbol, const Term& left, const Term& right) {
  const bool sizes_matter = (left.type.kind == Kind::kString && right.type.is_bits()) ||
                            (right.type.kind == Kind::kString && left.type.is_bits());
  require(!sizes_matter || left.type.size == right.type.size, "a string of digits is compared ",
          "with bits of another number: ", left.type.size, " and ", right.type.size);
  for (const Term* term : {&left, &right}) {
    if (!term->type.is_whole()) require_decided(*term, "'", symbol, "' of what");
  }
  const double* a = left.number();
  const double* b = right.number();
  if (a != nullptr && b != nullptr) {
    const bool holds = symbol == "=="   ? *a == *b
                       : symbol == "!=" ? *a != *b
                       : symbol == "<"  ? *a < *b
                       : symbol == "<=" ? *a <= *b
                       : symbol == ">"  ? *a > *b
                                        : *a >= *b;
    return truth({.value = holds});
  }
  require((is_measured(left) || a != nullptr) && (is_measured(right) || b != nullptr), "'", symbol,
          "' is for numbers only, not for what depends on parameters");
  if (symbol == "==") return truth(equality(left, right));
  if (symbol == "!=") return truth(opposite(equality(left, right)));
  // x <= n is x < n + 1 where n is known, which takes fewer cases than "not n < x".
  const bool upwards = symbol.front() == '<';
  const Term& low = upwards ? left : right;
  const Term& high = upwards ? right : left;
  if (symbol.size() == 1) return truth(order(low, high));
  const Type written{Kind::kWritten, 0};
  if (!is_measured(high)) return truth(order(low, whole_term(whole(high, symbol) + 1, written)));
  if (!is_measured(low)) return truth(order(whole_term(whole(low, symbol) - 1, written), high));
  return truth(opposite(order(high, low)));
}

Term of_prefix(std::string_view symbol, const Term& operand) {
  if (symbol == "!") {
    require(!operand.type.is_bits() || operand.type.size == 1, "'!' takes a single bit, got ",
            operand.type.size, "; put brackets around a comparison");
    return truth(opposite(truth_of(operand)));
  }
  if (symbol == "-") {
    if (is_measured(operand)) return measured_sum("-", whole_term(0, {Kind::kWritten, 0}), operand);
    return whole_term(-whole(operand, symbol),
                      operand.type.kind == Kind::kBool ? Type{Kind::kInt, 0} : operand.type);
  }
  if (operand.type.kind == Kind::kBool) return of_prefix("!", operand);
  if (!is_measured(operand)) return whole_term(~whole(operand, symbol), operand.type);
  Bits bits = operand.bits;
  std::ranges::transform(bits, bits.begin(), opposite);
  return bits_term(std::move(bits), operand.type.kind);
}

bool is_for_bits(std::string_view symbol) { return is_one_of(symbol, {"<<", ">>", "&", "|", "^"}); }

Term of_whole(std::string_view symbol, const Term& left, const Term& right) {
  if (is_pattern(left.type) && is_for_bits(symbol)) {
    const Term other = is_pattern(right.type) ? pattern_of(right) : right;
    return angle_of(cast({Kind::kUint, left.type.size}, of_whole(symbol, pattern_of(left), other)));
  }
  if (symbol == "&&") return truth(conjunction(truth_of(left), truth_of(right)));
  if (symbol == "||") return truth(disjunction(truth_of(left), truth_of(right)));
  if (is_one_of(symbol, {"==", "!=", "<", "<=", ">", ">="})) return compared(symbol, left, right);
  if (symbol == "++") {
    require(left.type.is_bits() && right.type.is_bits(), "'++' joins registers of bits");
    Bits bits = bits_of(left, static_cast<std::size_t>(left.type.size));
    const Bits more = bits_of(right, static_cast<std::size_t>(right.type.size));
    bits.insert(bits.end(), more.begin(), more.end());
    return bits_term(std::move(bits));
  }
  if (is_one_of(symbol, {"<<", ">>"})) return shifted(symbol, left, right);
  if (is_one_of(symbol, {"&", "|", "^"})) return of_bits(symbol, left, right);
  for (const Term* term : {&left, &right}) {
    require(!term->type.is_bits() || term->type.size == 1, "'", symbol,
            "' is for numbers; a register of ", term->type.size, " bits becomes one by uint[",
            term->type.size, "](…)");
  }
  if (is_measured(left) || is_measured(right)) return measured_sum(symbol, left, right);
  return arithmetic(symbol, left, right);
}

bool is_register(const Term& term) { return term.type.is_bits() && term.type.size != 1; }

// Of real numbers, some of which depend on measured bits.
bool is_sum_of_parts(std::string_view symbol, const Term& left, const Term& right) {
  return is_one_of(symbol, {"+", "-", "*", "/"}) && (is_measured(left) || is_measured(right)) &&
         (!left.type.is_whole() || !right.type.is_whole()) && !is_register(left) &&
         !is_register(right);
}

}  // namespace

Term apply_formula(std::string_view name, Op op, double (*value)(double, double), const Term& left,
                   const Term& right) {
  const double* a = left.number();
  const double* b = right.number();
  if (a != nullptr && b != nullptr) {
    const double out = value != nullptr ? value(*a, *b) : op_row(op).value(*a, *b);
    require(!std::isnan(out), "the result of '", name, "' is not a number");
    require(std::isfinite(out), "the result of '", name, "' is ", out, "; it must be finite");
    return number_term(out);
  }
  for (const Term* term : {&left, &right}) require_decided(*term, "'", name, "' of what");
  require(value == nullptr, "'", name, "' is for numbers only, not for what depends on parameters");
  return {.value = Expression::apply(op, to_expression(*left.value), to_expression(*right.value))};
}

Term popcount(const Term& term) {
  require(!is_real(term) || is_pattern(term.type), "popcount is for bits and whole numbers");
  const bool has_size = !term.bits.empty() || is_pattern(term.type);
  const auto own = static_cast<std::size_t>(term.type.size);
  const std::size_t size = std::max(own, has_size ? term.bits.size() : width(term) - 1);
  const double* number = term.number();
  require(term.type.size > 0 || number == nullptr || *number >= 0,
          "popcount of a negative number of no size");
  Bits total(1);
  for (const Bit& bit : bits_of(term, size)) {
    Bits one(total.size() + 1);
    one.front() = bit;
    total.emplace_back();
    total = sum(total, one, {});
    while (total.size() > 1 && total.back().is_known() && !total.back().value) total.pop_back();
  }
  Term out = bits_term(std::move(total), Kind::kUint);
  out.type.size = 0;
  return out;
}

Term rotated(std::string_view name, const Term& term, const Term& places) {
  require(!is_register(places), "'", name, "' by a register of bits");
  require((term.type.is_whole() && term.type.size > 0) || is_pattern(term.type), "'", name,
          "' is for bits, and for whole numbers and angles of a given size");
  require_decided(places, "the number of places of '", name, "'");
  const std::int64_t by = whole(places, name);
  const std::int64_t size = term.type.size;
  const Bits bits = bits_of(term, static_cast<std::size_t>(size));
  Bits out(bits.size());
  for (std::int64_t k = 0; k < size; ++k) {
    const std::int64_t to = (name == "rotl" ? k + by % size : k - by % size) + size;
    out[static_cast<std::size_t>(to % size)] = bits[static_cast<std::size_t>(k)];
  }
  return bits_term(std::move(out), term.type.kind);
}

Term apply_prefix(std::string_view symbol, const Term& operand) {
  if (symbol == "~" && is_pattern(operand.type)) {
    return angle_of(of_prefix(symbol, pattern_of(operand)));
  }
  if (symbol == "-" && is_measured(operand) && !operand.type.is_whole()) return negated(operand);
  if (symbol != "-" || !is_plain(operand)) return of_prefix(symbol, operand);
  Term out = apply_formula(symbol, Op::kNeg, nullptr, operand, number_term(0));
  if (operand.type.kind == Kind::kWritten) keep_written(out);
  return out;
}

Term apply_infix(std::string_view symbol, Op op, const Term& left, const Term& right) {
  if (is_sum_of_parts(symbol, left, right)) return apply_to_parts(symbol, left, right);
  const bool has_formula = op != Op::kConstant || symbol == "%";
  const bool is_mixed = left.value && right.value && !is_register(left) && !is_register(right) &&
                        (is_real(left) || is_real(right));
  if (!has_formula || (!is_mixed && !(is_plain(left) && is_plain(right)))) {
    return of_whole(symbol, left, right);
  }
  Term out = apply_formula(symbol, op, symbol == "%" ? remainder_of : nullptr, left, right);
  if (left.type.kind == Kind::kWritten && right.type.kind == Kind::kWritten) keep_written(out);
  return out;
}

}  // namespace qsim::qasm
