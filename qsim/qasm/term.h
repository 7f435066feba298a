#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "qsim/circuit/parameter.h"
#include "qsim/qasm/guard.h"

// What expressions come to, and the operators of version 3 on it.

namespace qsim::qasm {

// A number, or what depends on parameters. Numbers stay plain until the end, which is faster.
using Value = std::variant<double, Expression>;

Expression to_expression(const Value& value);

// 2^53: all whole numbers up to it are doubles.
inline constexpr double kLargestWhole = 9007199254740992.0;

struct Type {
  // A whole number that the file writes is of no type; a string of digits is one of bits.
  enum class Kind : unsigned char { kWritten, kString, kBool, kBit, kInt, kUint, kFloat, kAngle };
  Kind kind = Kind::kFloat;
  int size = 0;  // in bits; 0: none is given

  [[nodiscard]] bool is_bits() const { return kind == Kind::kBit || kind == Kind::kString; }
  [[nodiscard]] bool is_whole() const { return kind != Kind::kFloat && kind != Kind::kAngle; }
};

// A part of a real number that depends on measured bits: the weight where the bit is 1, which it
// may be known to be.
struct Part {
  Bit bit{};
  Value weight{};
};
using Parts = std::vector<Part>;

struct Term {
  Type type{};
  std::optional<Value> value{};  // unless it depends on measured bits, or is too long
  Bits bits{};                   // then, or of a string; of angle[n] in steps of 2π/2^n
  Parts parts{};                 // of a real number that depends on measured bits: their sum

  [[nodiscard]] const double* number() const {
    return value ? std::get_if<double>(&*value) : nullptr;
  }
};

Term number_term(double value, Type::Kind kind = Type::Kind::kFloat, int size = 0);
// Wraps around in the type; ValueError where that takes numbers beyond 2^53.
Term whole_term(std::int64_t value, const Type& type);
// Of a bit, a register or an angle of as many bits: a number where all bits are known.
Term bits_term(Bits bits, Type::Kind kind = Type::Kind::kBit);
Term truth(const Bit& bit);

// A function or operator of that name, by its formula in circuits' expressions or, of numbers
// alone, by `value`. ValueError, without a place, for what it cannot take; so do the others.
Term apply_formula(std::string_view name, Op op, double (*value)(double, double), const Term& left,
                   const Term& right);
// popcount, and rotl and rotr by so many places: of bits, whole numbers of a size, and angles of
// one.
Term popcount(const Term& term);
Term rotated(std::string_view name, const Term& term, const Term& places);
Term apply_prefix(std::string_view symbol, const Term& operand);
// By the formula where there is one, unless there are whole numbers of a type, or bits.
Term apply_infix(std::string_view symbol, Op op, const Term& left, const Term& right);

// What "int[8](…)" makes of it. Whole numbers wrap around, fractions are cut off, angles are taken
// to [0, 2π).
Term cast(const Type& type, const Term& term);
// As an assignment does: no fractions are lost, and registers are of one length.
Term converted(const Type& type, const Term& term);

// Of a condition.
Bit truth_of(const Term& term);
// So many bits of a whole number in two's complement.
Bits bits_of(const Term& term, std::size_t size);
// Of an angle of n bits, as a whole number of steps of 2π/2^n, and back.
bool is_pattern(const Type& type);
Term pattern_of(const Term& angle);
Term angle_of(const Term& pattern);
// The first that is not known. ValueError where the number is known but too long.
Bit undecided_bit(const Term& term);
// The bits that it has or needs, with that of the sign.
std::size_t width(const Term& term);
bool is_measured(const Term& term);  // whether it depends on measured bits
// Throws Undecided where it does.
template <class... What>
void require_decided(const Term& term, const What&... what) {
  if (!is_measured(term)) return;
  throw Undecided(concat(what..., " depends on measured bits"), undecided_bit(term));
}

}  // namespace qsim::qasm
