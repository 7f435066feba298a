#include "qsim/qasm/term.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/qasm/parts.h"

namespace qsim::qasm {
namespace {

using Kind = Type::Kind;
constexpr int kMostExact = 53;
constexpr std::size_t kMostCastBits = 1024;  // of types of measured bits, unless there are as many
constexpr double kTurn = 2 * std::numbers::pi;

double in_one_turn(double angle) {
  const double rest = std::fmod(angle, kTurn);
  return rest < 0 ? rest + kTurn : rest;
}

double number_in(const Term& term, std::string_view what) {
  require_decided(term, what);
  const double* number = term.number();
  require(number != nullptr, what, " depends on a parameter");
  return *number;
}

Term cast_to_bool(const Term& term) {
  if (term.bits.empty() || !term.type.is_whole()) {
    return truth({.value = number_in(term, "a bool") != 0});
  }
  return truth(opposite(equal(term.bits, Bits(term.bits.size()))));
}

Term cast_to_whole(const Type& type, const Term& term) {
  require(term.type.kind != Kind::kAngle, "an angle is not cast to a whole number");
  if (term.bits.empty() || term.value) {
    const double number = std::trunc(number_in(term, "a whole number"));
    require(std::abs(number) <= kLargestWhole, "the whole number ", number, " is beyond 2^53");
    return whole_term(static_cast<std::int64_t>(number), type);
  }
  const auto size = type.size > 0 ? static_cast<std::size_t>(type.size) : width(term);
  require(size <= std::max(width(term), kMostCastBits), "measured bits become a number of ", size,
          " bits; the limit is ", kMostCastBits);
  Term out = bits_term(bits_of(term, size), type.kind);
  out.type.size = type.size;
  return out;
}

Term cast_to_bits(const Type& type, const Term& term) {
  const int size = std::max(type.size, 1);
  require(!term.type.is_bits() || term.type.size == size, "bit[", size, "] of ", term.type.size,
          " bit(s)");
  if (term.type.kind == Kind::kAngle) {
    if (is_measured(term) && term.type.size == size && is_pattern(term.type)) {
      return bits_term(bits_of(term, static_cast<std::size_t>(size)));
    }
    require(size <= kMostExact, "an angle of ", size, " bits; the limit is ", kMostExact);
    const double turns = number_in(term, "an angle's bits") / kTurn;
    const double steps = std::round(std::ldexp(turns, size));
    return whole_term(static_cast<std::int64_t>(steps), {Kind::kBit, size});
  }
  return bits_term(bits_of(term, static_cast<std::size_t>(size)));
}

Term cast_to_angle(const Type& type, const Term& term) {
  const bool has_pattern = term.type.is_bits() || term.type.kind == Kind::kUint;
  if (is_measured(term)) {
    const bool same_size = term.type.size == type.size && is_pattern(type);
    if (same_size && has_pattern) return angle_of(term);
    if (same_size && !term.bits.empty() && term.type.kind == Kind::kAngle) return term;
  }
  require_decided(term, "an angle");
  const double* number = term.number();
  if (number == nullptr) return {.type = type, .value = term.value};
  if (has_pattern && term.type.size > 0) {
    return number_term(kTurn * std::ldexp(*number, -term.type.size), Kind::kAngle, type.size);
  }
  return number_term(in_one_turn(*number), Kind::kAngle, type.size);
}

}  // namespace

Expression to_expression(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::get<Expression>(value);
}

Term number_term(double value, Type::Kind kind, int size) {
  return {.type = {kind, size}, .value = value};
}

Term whole_term(std::int64_t value, const Type& type) {
  const int size = type.size;
  if (size == 0 || size > kMostExact) {
    constexpr auto kMost = static_cast<std::int64_t>(kLargestWhole);
    const bool has_sign = type.kind == Kind::kInt || type.kind == Kind::kWritten;
    const bool fits = value <= kMost && value >= (has_sign ? -kMost : 0);
    require(fits, "the number ", value, " of a type of ", size == 0 ? "any" : std::to_string(size),
            " bits; those of more than ", kMostExact, " do not wrap around, and hold up to 2^53");
    return number_term(static_cast<double>(value), type.kind, size);
  }
  const std::uint64_t all = (std::uint64_t{1} << static_cast<unsigned>(size)) - 1;
  auto out = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) & all);
  const bool is_negative = type.kind == Kind::kInt && (out >> (size - 1)) != 0;
  if (is_negative) out -= std::int64_t{1} << size;
  return number_term(static_cast<double>(out), type.kind, size);
}

Term bits_term(Bits bits, Type::Kind kind) {
  std::ranges::transform(bits, bits.begin(), simplified);
  const auto size = static_cast<int>(bits.size());
  Term out{.type = {kind, size}};
  const bool known = std::ranges::all_of(bits, &Bit::is_known);
  if (!known || size > kMostExact) {
    out.bits = std::move(bits);
    return out;
  }
  if (kind == Kind::kAngle) return angle_of(bits_term(std::move(bits), Kind::kUint));
  std::int64_t number = 0;
  for (int k = 0; k < size; ++k) {
    number |= std::int64_t{bits[static_cast<std::size_t>(k)].value} << k;
  }
  return whole_term(number, out.type);
}

Term truth(const Bit& bit) {
  if (bit.is_known()) return number_term(bit.value ? 1 : 0, Kind::kBool, 1);
  return {.type = {Kind::kBool, 1}, .bits = {bit}};
}

Term cast(const Type& type, const Term& term) {
  switch (type.kind) {
    case Kind::kBool:
      return cast_to_bool(term);
    case Kind::kInt:
    case Kind::kUint:
      return cast_to_whole(type, term);
    case Kind::kAngle:
      return cast_to_angle(type, term);
    case Kind::kBit:
      return cast_to_bits(type, term);
    default:
      break;
  }
  if (is_measured(term)) return sum_term(parts_of(term), type);
  return {.type = type, .value = term.value};
}

Term converted(const Type& type, const Term& term) {
  const double* number = term.number();
  if (type.kind == Kind::kBool) return truth(truth_of(term));
  if (type.kind == Kind::kInt || type.kind == Kind::kUint) {
    require(number == nullptr || *number == std::trunc(*number), "a whole number is given ",
            number == nullptr ? 0 : *number, "; int(…) cuts fractions off");
  }
  if (type.kind == Kind::kBit && !term.type.is_bits() && number != nullptr) {
    const int size = std::max(type.size, 1);
    require(*number >= 0 && *number < std::ldexp(1.0, size), size, " bit(s) are given ", *number);
  }
  return cast(type, term);
}

Bit truth_of(const Term& term) {
  if (!is_measured(term)) {
    const double number = number_in(term, "a condition");
    require(term.type.is_whole(), "a condition is a bit, a bool or a comparison, got a number");
    require(!term.type.is_bits() || term.type.size == 1, "a register of ", term.type.size,
            " bits is no condition by itself; compare it with a number");
    return {.value = number != 0};
  }
  if (!term.type.is_whole()) require_decided(term, "a condition");
  if (term.bits.size() == 1) return term.bits.front();
  require(!term.type.is_bits(), "a register of ", term.bits.size(),
          " bits is no condition by itself; compare it with a number");
  return opposite(equal(term.bits, Bits(term.bits.size())));
}

Bits bits_of(const Term& term, std::size_t size) {
  Bits out;
  if (!term.bits.empty()) {
    out = term.bits;
    out.resize(size, term.type.kind == Kind::kInt ? term.bits.back() : Bit{});
    return out;
  }
  if (is_pattern(term.type) && term.value) return bits_of(pattern_of(term), size);
  const double number = number_in(term, "a whole number");
  require(number == std::trunc(number) && std::abs(number) <= kLargestWhole, "the number ", number,
          " is not whole, or beyond 2^53");
  const auto value = static_cast<std::int64_t>(number);
  for (std::size_t k = 0; k < size; ++k) {
    out.push_back({.value = ((value >> std::min<std::size_t>(k, 63)) & 1) != 0});
  }
  return out;
}

std::size_t width(const Term& term) {
  if (!term.bits.empty()) return term.bits.size() + (term.type.kind == Kind::kInt ? 0 : 1);
  const auto value = static_cast<std::int64_t>(number_in(term, "a whole number"));
  return 1U + static_cast<std::size_t>(
                  std::bit_width(static_cast<std::uint64_t>(value < 0 ? ~value : value)));
}

bool is_pattern(const Type& type) {
  return type.kind == Kind::kAngle && type.size > 0 && type.size <= kMostExact;
}

Term pattern_of(const Term& angle) {
  if (!is_measured(angle))
    return cast(Type{Kind::kUint, angle.type.size},
                cast_to_bits({Kind::kBit, angle.type.size}, angle));
  if (angle.bits.empty()) require_decided(angle, "an angle's bits");
  Term out = angle;
  out.type.kind = Kind::kUint;
  return out;
}

Term angle_of(const Term& pattern) {
  const Type type{Kind::kAngle, pattern.type.size};
  if (!is_measured(pattern)) return cast_to_angle(type, pattern);
  return {.type = type, .bits = pattern.bits};
}

Bit undecided_bit(const Term& term) {
  for (const Bit& bit : term.bits) {
    if (!bit.is_known()) return bit;
  }
  for (const Part& part : term.parts) {
    if (!part.bit.is_known()) return part.bit;
  }
  fail("the number of ", term.bits.size(), " bits is too long here");
}

bool is_measured(const Term& term) { return !term.value.has_value(); }

}  // namespace qsim::qasm
