#include "qsim/qasm/parts.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "qsim/core/error.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kMostParts = 1024;

Value combined(Op op, const Value& a, const Value& b) {
  const auto* x = std::get_if<double>(&a);
  const auto* y = std::get_if<double>(&b);
  if (x == nullptr || y == nullptr) {
    return Expression::apply(op, to_expression(a), to_expression(b));
  }
  const double out = op_row(op).value(*x, *y);
  require(std::isfinite(out), "a number of measured bits is ", out, "; it must be finite");
  return out;
}

bool is_zero(const Value& value) {
  const auto* number = std::get_if<double>(&value);
  return number != nullptr && *number == 0;
}

bool is_same_bit(const Bit& a, const Bit& b) {
  if (a.is_known() && b.is_known()) return true;  // those that are 0 are no parts
  return a.cell && b.cell && *a.cell == *b.cell && a.value == b.value;
}

Parts scaled(Parts parts, Op op, const Value& by) {
  for (Part& part : parts) part.weight = combined(op, part.weight, by);
  return parts;
}

Parts product_of(const Parts& a, const Parts& b) {
  require(a.size() * b.size() <= kMostParts, "a product of measured bits has more than ",
          kMostParts, " parts");
  Parts out;
  for (const Part& x : a) {
    for (const Part& y : b) {
      out.push_back(
          {simplified(conjunction(x.bit, y.bit)), combined(Op::kMul, x.weight, y.weight)});
    }
  }
  return out;
}

}  // namespace

Parts parts_of(const Term& term) {
  if (term.value) return {{{.value = true}, *term.value}};
  if (term.bits.empty()) return term.parts;
  const auto size = static_cast<int>(term.bits.size());
  const bool is_angle = term.type.kind == Type::Kind::kAngle;
  const double unit = is_angle ? 2 * std::numbers::pi * std::ldexp(1.0, -size) : 1.0;
  Parts out;
  for (int k = 0; k < size; ++k) {
    const bool is_sign = term.type.kind == Type::Kind::kInt && k + 1 == size;
    out.push_back({term.bits[static_cast<std::size_t>(k)], std::ldexp(is_sign ? -unit : unit, k)});
  }
  return out;
}

Term sum_term(Parts parts, const Type& type) {
  Parts out;
  for (Part& part : parts) {
    if (is_zero(part.weight) || (part.bit.is_known() && !part.bit.value)) continue;
    const auto same = std::ranges::find_if(
        out, [&](const Part& other) { return is_same_bit(other.bit, part.bit); });
    if (same == out.end()) {
      out.push_back(std::move(part));
    } else {
      same->weight = combined(Op::kAdd, same->weight, part.weight);
    }
  }
  require(out.size() <= kMostParts, "a number depends on measured bits in more than ", kMostParts,
          " parts");
  if (out.empty()) return {.type = type, .value = 0.0};
  if (out.size() == 1 && out.front().bit.is_known()) {
    return {.type = type, .value = std::move(out.front().weight)};
  }
  return {.type = type, .parts = std::move(out)};
}

Term negated(const Term& term) { return sum_term(scaled(parts_of(term), Op::kMul, -1.0)); }

Term apply_to_parts(std::string_view symbol, const Term& left, const Term& right) {
  if (symbol == "*") return sum_term(product_of(parts_of(left), parts_of(right)));
  if (symbol == "/") {
    require_decided(right, "a divisor");
    return sum_term(scaled(parts_of(left), Op::kDiv, *right.value));
  }
  Parts out = parts_of(left);
  const Term other = symbol == "-" ? negated(right) : right;
  const Parts more = parts_of(other);
  out.insert(out.end(), more.begin(), more.end());
  return sum_term(std::move(out));
}

}  // namespace qsim::qasm
