#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "qsim/qasm/parts.h"
#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kCasesPerUnit = 4;
constexpr double kLargestTypeSize = 1e9;  // of a type; numbers are doubles

Type::Kind kind_of_type(const Token& word) {
  if (word.is("int")) return Type::Kind::kInt;
  if (word.is("uint")) return Type::Kind::kUint;
  if (word.is("bool")) return Type::Kind::kBool;
  if (word.is("bit")) return Type::Kind::kBit;
  return word.is("angle") ? Type::Kind::kAngle : Type::Kind::kFloat;
}

// "+" of "+=".
std::string_view operator_of(const Token& sign) {
  return sign.text.substr(0, sign.text.size() - 1);
}

bool is_compound(const Token& sign) {
  static constexpr std::array<std::string_view, 11> kCompound{
      "+=", "-=", "*=", "/=", "%=", "**=", "&=", "|=", "^=", "<<=", ">>="};
  return sign.kind == TokenKind::kSymbol &&
         std::ranges::find(kCompound, sign.text) != kCompound.end();
}

// Of an angle of n bits: whether it is in steps of 2π/2^n.
bool has_pattern(const Term& term) {
  if (!is_pattern(term.type)) return false;
  if (is_measured(term)) return !term.bits.empty();
  return term.number() != nullptr && *angle_of(pattern_of(term)).number() == *term.number();
}

}  // namespace

std::optional<std::int64_t> Qasm3Reader::read_designator(std::string_view what) {
  if (!lexer_.accept("[")) return std::nullopt;
  const std::int64_t out = read_integer(what);
  lexer_.expect("]");
  return out;
}

Type Qasm3Reader::read_type(std::initializer_list<std::string_view> types) {
  const Token type = lexer_.next();
  if (std::ranges::none_of(types, [&](std::string_view name) { return type.is(name); })) {
    std::string names;
    for (const std::string_view name : types) {
      names += concat(names.empty() ? "'" : ", '", name, "'");
    }
    lexer_.fail_expected(type, names);
  }
  return read_size_of_type(type);
}

Type Qasm3Reader::read_size_of_type(const Token& word) {
  const Token size = lexer_.peek();
  const std::optional<std::int64_t> bits = read_designator("the size of a type");
  lexer_.require_at(!bits || *bits >= 1, size, "the size of a type is ", bits.value_or(1),
                    "; it must be at least 1");
  const Type::Kind kind = kind_of_type(word);
  const bool is_single = !bits && (kind == Type::Kind::kBit || kind == Type::Kind::kBool);
  const double given = static_cast<double>(bits.value_or(is_single ? 1 : 0));
  return {kind, static_cast<int>(std::min(given, kLargestTypeSize))};
}

void Qasm3Reader::check_fits(const Type& type, double value, const Token& name) const {
  const bool is_signed = type.kind == Type::Kind::kInt;
  if (!is_signed && type.kind != Type::Kind::kUint) return;
  constexpr int kMostBits = 1000;  // numbers are doubles: no more is needed
  const int bits = type.size == 0 ? kMostBits : std::min(type.size, kMostBits);
  const double limit = std::ldexp(1.0, is_signed ? bits - 1 : bits);
  lexer_.require_at(value == std::floor(value), name, quoted(name), " is ", value,
                    "; it must be a whole number");
  lexer_.require_at(is_signed || value >= 0, name, quoted(name), " is ", value,
                    "; its type has no sign");
  lexer_.require_at(value < limit && value >= -limit, name, quoted(name), " is ", value,
                    "; its type holds ", is_signed ? -limit : 0.0, " to ", limit - 1);
}

void Qasm3Reader::declare_value(const Token& name, Term value, bool is_constant) {
  declare_here(name, {.kind = Symbol::Kind::kValue,
                      .value = std::move(value),
                      .is_constant = is_constant,
                      .where = where_.condition});
}

// Its type may be missing, as in early versions of the language.
void Qasm3Reader::read_constant() {
  lexer_.next();
  const bool has_type = is_type(lexer_.peek());
  const Type type = has_type ? read_type({"float", "int", "uint", "angle", "bool", "bit"}) : Type{};
  const Token name = lexer_.expect_name("the name of a constant");
  lexer_.expect("=");
  const Token token = lexer_.peek();
  Term value = read_term();
  lexer_.require_at(!is_measured(value), token, "the constant ", quoted(name),
                    " depends on measured bits");
  lexer_.require_at(value.number() != nullptr, token, "the constant ", quoted(name),
                    " depends on a parameter");
  check_fits(type, *value.number(), name);
  if (has_type) value = lexer_.placed(token, [&] { return converted(type, value); });
  declare_value(name, std::move(value), true);
}

void Qasm3Reader::read_output() {
  lexer_.next();
  if (!is_type(lexer_.peek())) lexer_.fail_expected(lexer_.peek(), "the type of an output");
  read_variable();
}

// Variables that are given nothing begin as 0.
void Qasm3Reader::read_variable() {
  if (lexer_.peek().is("bit")) return read_bits(false);
  const Type type = read_type({"int", "uint", "float", "angle", "bool"});
  const Token name = lexer_.expect_name("the name of a variable");
  Term value = number_term(0, type.kind, type.size);
  if (lexer_.peek().is("=")) value = read_assigned(name, type, value);
  declare_value(name, std::move(value));
}

// Where that is not known, from what it is for each value of the measured bits that it follows
// from.
Term Qasm3Reader::read_assigned(const Token& target, const Type& type, const Term& now) {
  const auto where = where_.condition;
  const auto before = std::tuple(scope_, calls_, operations_.size());
  const int nested = nested_;
  const std::size_t position = lexer_.position();
  try {
    return read_decided(target, type, now);
  } catch (const Undecided& undecided) {
    if (before != std::tuple(scope_, calls_, operations_.size())) throw;
    nested_ = nested;
    lexer_.seek(position);
    Term out = number_term(0, type.kind, type.size);
    by_cases(target, undecided,
             [&] { out = merged(target, read_assigned(target, type, as_here(now)), out, where); });
    return out;
  }
}

Term Qasm3Reader::read_decided(const Token& target, const Type& type, const Term& now) {
  const Token sign = lexer_.next();
  lexer_.require_at(sign.is("=") || is_compound(sign), sign, "expected '=' behind ", quoted(target),
                    ", got ", quoted(sign));
  const Token first = lexer_.peek();
  if (sign.is("=") && first.is("measure")) {
    const Term outcomes = read_measured();
    return lexer_.placed(first, [&] { return converted(type, outcomes); });
  }
  const Term given = read_term();
  return lexer_.placed(first, [&] {
    if (sign.is("=")) return converted(type, given);
    const std::string_view symbol = operator_of(sign);
    return converted(type, apply_operator(symbol, now, given));
  });
}

bool Qasm3Reader::is_assigned(const Token& token) {
  const Symbol* symbol = token.kind == TokenKind::kName ? find(token) : nullptr;
  if (symbol == nullptr) return false;
  if (symbol->kind == Symbol::Kind::kOperand) return symbol->operand.is_bits;
  if (symbol->kind == Symbol::Kind::kSubroutine || symbol->kind == Symbol::Kind::kExtern) {
    return false;
  }
  // A gate may have the same name.
  const std::size_t position = lexer_.position();
  lexer_.next();
  const Token next = lexer_.peek();
  lexer_.seek(position);
  return next.is("=") || next.is("[") || is_compound(next);
}

void Qasm3Reader::read_assignment() {
  const Token name = lexer_.peek();
  const Symbol::Kind kind = find(name)->kind;
  if (kind == Symbol::Kind::kOperand) return read_bits_assignment();
  if (kind == Symbol::Kind::kNumbers) return read_array_assignment();
  assign_to_value(
      [&](const Type& type, const Term& now) { return read_assigned(name, type, now); });
}

// "-> n" or "-> n[0]" behind a measurement.
void Qasm3Reader::measure_into_value(const Operand& qubits) {
  assign_to_value([&](const Type& type, const Term&) {
    return lexer_.placed(qubits.token, [&] { return converted(type, measured(qubits)); });
  });
}

template <class Given>
void Qasm3Reader::assign_to_value(const Given& given) {
  const Token name = lexer_.next();
  const Symbol::Kind kind = find(name)->kind;
  lexer_.require_at(kind == Symbol::Kind::kValue && !find(name)->is_constant, name, quoted(name),
                    " is a constant or parameter, which is not assigned to");
  const Term now = find(name)->value;
  if (!lexer_.accept("[")) {
    Term value = given(now.type, as_here(now));
    return assign(name, symbols_.at(name.text), std::move(value));
  }
  lexer_.require_at((now.type.is_whole() && now.type.size > 0) || is_pattern(now.type), name,
                    quoted(name), " has no bits that are assigned to");
  Operand whole{.token = name, .is_bits = true, .size = now.type.size};
  const Operand part = read_selection(std::move(whole));
  const Type type{Type::Kind::kBit, part.size};
  Bits bits = bits_of(now, static_cast<std::size_t>(now.type.size));
  Bits some;
  for (int k = 0; k < part.size; ++k) some.push_back(bits[static_cast<std::size_t>(part.at(k))]);
  const Term part_given = given(type, bits_term(std::move(some)));
  some = bits_of(part_given, static_cast<std::size_t>(part.size));
  for (int k = 0; k < part.size; ++k) {
    bits[static_cast<std::size_t>(part.at(k))] = some[static_cast<std::size_t>(k)];
  }
  assign(name, symbols_.at(name.text), bits_term(std::move(bits), now.type.kind));
}

void Qasm3Reader::assign(const Token& name, Symbol& symbol, Term value) {
  ++n_changes_;
  symbol.value = merged(name, std::move(value), symbol.value, symbol.where);
}

// What a variable holds that is assigned to where measured bits have some value depends on them.
Term Qasm3Reader::merged(const Token& name, Term value, const Term& now,
                         const std::shared_ptr<const Condition>& where) {
  if (where == where_.condition) return value;
  settle();
  const bool is_same =
      value.number() != nullptr && now.number() != nullptr && *value.number() == *now.number();
  if (is_same) return value;
  return lexer_.placed(name, [&] {
    if (!value.type.is_whole() && !(has_pattern(value) && has_pattern(now))) {
      Term out = merged_parts(value, now);
      for (const Part& part : out.parts) budget_.charge(1 + weight({part.bit}) / kCasesPerUnit);
      return out;
    }
    const auto size = value.type.size > 0 ? static_cast<std::size_t>(value.type.size)
                                          : std::max(width(value), width(now));
    Bits bits = bits_of(value, size);
    const Bits old = bits_of(now, size);
    std::ranges::transform(bits, old, bits.begin(),
                           [&](const Bit& a, const Bit& b) { return merged(a, b); });
    Term out = bits_term(std::move(bits), value.type.kind);
    out.type = value.type;
    budget_.charge(weight(out.bits) / kCasesPerUnit);
    return out;
  });
}

Term Qasm3Reader::merged_parts(const Term& value, const Term& now) const {
  Parts out;
  for (const Part& part : parts_of(value)) {
    out.push_back({merged(part.bit, {.value = false}), part.weight});
  }
  for (const Part& part : parts_of(now)) {
    out.push_back({merged({.value = false}, part.bit), part.weight});
  }
  return sum_term(std::move(out), value.type);
}

std::optional<Term> Qasm3Reader::look_up(Lexer& lexer, const Token& name) {
  lexer.require_at(++nested_ <= kMostNested, name, "indices, casts and calls are nested more than ",
                   kMostNested, " deep");
  std::optional<Term> out;
  if (name.is("true") || name.is("false")) {
    out = truth({.value = name.is("true")});
  } else if (name.is("sizeof")) {
    out = read_sizeof();
  } else if (is_type(name) && !name.is("complex") && !name.is("duration") && !name.is("stretch")) {
    const Type type = read_size_of_type(name);
    lexer.expect("(");
    const Term term = read_term();
    lexer.expect(")");
    out = lexer.placed(name, [&] { return cast(type, term); });
  } else if (const Symbol* symbol = find(name); symbol != nullptr) {
    const bool is_qubits = symbol->kind == Symbol::Kind::kOperand && !symbol->operand.is_bits;
    if (!is_qubits) out = value_of(name, *symbol);
  }
  --nested_;
  return out;
}

// Of what depends on measured bits, cases count as operations do.
Term Qasm3Reader::read_term() {
  const Token token = lexer_.peek();
  Term out = parse_term(lexer_, lookup_);
  if (!out.bits.empty()) charge(token, weight(out.bits) / kCasesPerUnit);
  for (const Part& part : out.parts) charge(token, 1 + weight({part.bit}) / kCasesPerUnit);
  return out;
}

Term Qasm3Reader::value_of(const Token& name, const Symbol& symbol) {
  switch (symbol.kind) {
    case Symbol::Kind::kParameters:
      return element_of_parameters(name, symbol.array_size);
    case Symbol::Kind::kNumbers: {
      const std::shared_ptr<Numbers> numbers = symbol.numbers;
      const auto [first, count] = read_indices(name, *numbers);
      lexer_.require_at(count == 1, name, quoted(name), " is an array; its elements have ",
                        numbers->shape.size(), " indices");
      settle();
      return selected_bits(name, as_here(numbers->elements[first]));
    }
    case Symbol::Kind::kOperand: {
      const Operand whole = symbol.operand;
      return bits_at(lexer_.accept("[") ? read_selection(whole) : whole);
    }
    case Symbol::Kind::kSubroutine:
    case Symbol::Kind::kExtern: {
      std::optional<Term> out = call(name);
      lexer_.require_at(out.has_value(), name, "the subroutine ", quoted(name), " returns nothing");
      return std::move(*out);
    }
    default:
      settle();
      return selected_bits(name, as_here(symbol.value));
  }
}

// x[3] of a whole number.
Term Qasm3Reader::selected_bits(const Token& name, const Term& whole) {
  if (!lexer_.accept("[")) return whole;
  lexer_.require_at((whole.type.is_whole() && whole.type.size > 0) || is_pattern(whole.type), name,
                    quoted(name),
                    " has no index: it is no array, and no whole number or angle of a given size");
  const Operand part = read_selection({.token = name, .is_bits = true, .size = whole.type.size});
  const Bits bits = bits_of(whole, static_cast<std::size_t>(whole.type.size));
  Bits out;
  for (int k = 0; k < part.size; ++k) out.push_back(bits[static_cast<std::size_t>(part.at(k))]);
  return bits_term(std::move(out));
}

Term Qasm3Reader::element_of_parameters(const Token& name, std::int64_t size) {
  lexer_.expect("[");
  const Token token = lexer_.peek();
  const std::int64_t index = read_integer("the index");
  lexer_.require_at(index >= 0 && index < size, token, "index ", index, " is out of range for ",
                    quoted(name), " of ", size);
  lexer_.expect("]");
  return {.value =
              Expression(Parameter(name.text, static_cast<int>(index), static_cast<int>(size)))};
}

}  // namespace qsim::qasm
