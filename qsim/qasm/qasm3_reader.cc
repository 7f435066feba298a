#include "qsim/qasm/qasm3_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "qsim/core/interrupt.h"
#include "qsim/qasm/parameters.h"

namespace qsim::qasm {
namespace {

constexpr std::array<std::string_view, 27> kOutside{
    "output", "def",   "defcal",   "defcalgrammar", "cal",     "extern", "while",
    "switch", "break", "continue", "return",        "end",     "int",    "uint",
    "float",  "angle", "bool",     "complex",       "array",   "nop",    "durationof",
    "pragma", "#",     "$",        "readonly",      "mutable", "@"};

}  // namespace

Circuit Qasm3Reader::read() {
  if (lexer_.accept("OPENQASM")) {
    const Token version = lexer_.next();
    if (version.text != "3" && !version.text.starts_with("3.")) {
      lexer_.fail_expected(version, "the version 3.0");
    }
    lexer_.expect(";");
  }
  while (lexer_.peek().kind != TokenKind::kEnd) read_statement();
  return finish();
}

void Qasm3Reader::read_statement() {
  poll_interrupt();
  const Token token = lexer_.peek();
  if (token.is("if")) return read_if();
  if (token.is("for")) return read_for();
  if (token.is("box")) return read_box();
  if (token.is("@")) return lexer_.skip_line();  // an annotation, which changes no meaning
  if (read_declaration(token)) return;
  if (token.is("barrier")) {
    read_barrier();
  } else if (token.is("reset")) {
    read_reset();
  } else if (token.is("measure")) {
    read_arrow_measurement();
  } else if (token.is("delay")) {
    read_delay();
  } else if (token.is("duration") || token.is("stretch")) {
    while (!lexer_.peek().is(";")) skip_item();
  } else if (token.is("let")) {
    read_alias();
  } else if (token.is("const")) {
    read_constant();
  } else if (is_bits(token)) {
    read_assignment();
  } else if (!token.is(";")) {
    refuse_outside(token);
    read_call(lookup_);
  }
  lexer_.expect(";");
}

bool Qasm3Reader::is_type(const Token& token) {
  static constexpr std::array<std::string_view, 9> kTypes{
      "int", "uint", "float", "angle", "bool", "bit", "complex", "duration", "stretch"};
  return std::ranges::any_of(kTypes, [&](std::string_view word) { return token.is(word); });
}

bool Qasm3Reader::is_declaration(const Token& token) {
  static constexpr std::array<std::string_view, 7> kWords{"gate", "include", "qubit", "bit",
                                                          "qreg", "creg",    "input"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return token.is(word); });
}

void Qasm3Reader::refuse_in_block(const Token& token) const {
  lexer_.require_at(nested_ == 0 || !is_declaration(token), token, quoted(token),
                    " may not stand inside of a block");
}

bool Qasm3Reader::read_declaration(const Token& token) {
  if (!is_declaration(token)) return false;
  refuse_in_block(token);
  if (token.is("gate")) {
    read_gate_definition(lookup_);
    return true;
  }
  if (token.is("include")) {
    read_include();
  } else if (token.is("input")) {
    read_input();
  } else {
    read_register();
  }
  lexer_.expect(";");
  return true;
}

void Qasm3Reader::refuse_outside(const Token& token) const {
  const bool outside =
      token.kind != TokenKind::kString && std::ranges::find(kOutside, token.text) != kOutside.end();
  const std::string_view pragma =
      token.is("pragma") || token.is("#") ? ": pragmas are not supported" : "";
  lexer_.require_at(!outside, token, quoted(token),
                    " begins what is outside of the part of OpenQASM 3 that is read", pragma);
  const Symbol* symbol = find(token);
  lexer_.require_at(symbol == nullptr || gates_.find(token.text) != nullptr, token,
                    "expected a statement, got ", quoted(token),
                    ": numbers and qubits are not assigned to");
}

void Qasm3Reader::read_include() {
  lexer_.next();
  const Token file = lexer_.peek();
  if (file.kind != TokenKind::kString ||
      (file.text != "stdgates.inc" && file.text != "qelib1.inc")) {
    lexer_.fail_expected(file, "\"stdgates.inc\", the only file that is known");
  }
  lexer_.next();
}

std::optional<std::int64_t> Qasm3Reader::read_designator(std::string_view what) {
  if (!lexer_.accept("[")) return std::nullopt;
  const std::int64_t out = read_integer(what);
  lexer_.expect("]");
  return out;
}

void Qasm3Reader::read_register() {
  const Token type = lexer_.next();
  const bool is_bits = type.is("bit") || type.is("creg");
  const bool is_old = type.is("creg") || type.is("qreg");
  constexpr std::string_view kSize = "the size of a register";
  std::optional<std::int64_t> size = is_old ? std::nullopt : read_designator(kSize);
  const Token name = lexer_.expect_name("the name of a register");
  if (is_old) size = read_designator(kSize);
  declare_register(name, size.value_or(1), is_bits, !size);
  if (!is_bits || !lexer_.accept("=")) return;
  lexer_.expect("measure");
  measure(read_operand(false), find(name)->operand);
}

Qasm3Reader::ScalarType Qasm3Reader::read_scalar_type(
    std::initializer_list<std::string_view> types) {
  const Token type = lexer_.next();
  if (std::ranges::none_of(types, [&](std::string_view name) { return type.is(name); })) {
    std::string names;
    for (const std::string_view name : types)
      names += concat(names.empty() ? "'" : ", '", name, "'");
    lexer_.fail_expected(type, names);
  }
  const Token size = lexer_.peek();
  const std::optional<std::int64_t> bits = read_designator("the size of a type");
  lexer_.require_at(!bits || *bits >= 1, size, "the size of a type is ", bits.value_or(1),
                    "; it must be at least 1");
  return {type, bits};
}

void Qasm3Reader::check_fits(const ScalarType& type, double value, const Token& name) const {
  const bool is_signed = type.token.is("int");
  if (!is_signed && !type.token.is("uint")) return;
  constexpr std::int64_t kMostBits = 1000;  // numbers are doubles: no more is needed
  const int bits = static_cast<int>(std::min(type.bits.value_or(kMostBits), kMostBits));
  const double limit = std::ldexp(1.0, is_signed ? bits - 1 : bits);
  lexer_.require_at(value == std::floor(value), name, quoted(name), " is ", value,
                    "; it must be a whole number");
  lexer_.require_at(is_signed || value >= 0, name, quoted(name), " is ", value,
                    "; its type has no sign");
  lexer_.require_at(value < limit && value >= -limit, name, quoted(name), " is ", value,
                    "; its type holds ", is_signed ? -limit : 0.0, " to ", limit - 1);
}

void Qasm3Reader::read_input() {
  lexer_.next();
  if (!lexer_.accept("array")) {
    read_scalar_type({"float", "angle", "array"});
    const Token name = lexer_.expect_name("the name of a parameter");
    const Expression parameter(Parameter(parameter_name(name.text)));
    declare(name, {.kind = Symbol::Kind::kValue, .value = parameter});
    return;
  }
  lexer_.expect("[");
  read_scalar_type({"float", "angle"});
  lexer_.expect(",");
  const Token size_token = lexer_.peek();
  const std::int64_t size = read_integer("the size of an array");
  lexer_.require_at(size >= 1 && size <= kMostElements, size_token, "the size of an array is ",
                    size, "; it must be in [1, ", kMostElements, "]");
  lexer_.expect("]");
  const Token name = lexer_.expect_name("the name of an array");
  declare(name, {.kind = Symbol::Kind::kArray, .array_size = size});
}

void Qasm3Reader::read_constant() {
  lexer_.next();
  const ScalarType type = read_scalar_type({"float", "int", "uint", "angle"});
  const Token name = lexer_.expect_name("the name of a constant");
  lexer_.expect("=");
  const Token token = lexer_.peek();
  const Value value = parse_expression(lexer_, lookup_);
  const auto* number = std::get_if<double>(&value);
  lexer_.require_at(number != nullptr, token, "the constant ", quoted(name),
                    " depends on a parameter");
  check_fits(type, *number, name);
  declare_here(name, {.kind = Symbol::Kind::kValue, .value = value});
}

// Time passes, which without noise does nothing.
void Qasm3Reader::read_delay() {
  lexer_.next();
  skip_brackets({"["});
  std::vector<Operand> qubits;
  if (!lexer_.peek().is(";")) read_operands(";", false, qubits);
}

// Its gates in their order; how long they take is not read.
void Qasm3Reader::read_box() {
  lexer_.next();
  if (lexer_.peek().is("[")) skip_item();
  if (!lexer_.peek().is("{")) lexer_.fail_expected(lexer_.peek(), "'{'");
  read_body();
}

void Qasm3Reader::read_alias() {
  lexer_.next();
  const Token name = lexer_.expect_name("a new name");
  lexer_.expect("=");
  const bool bits = is_bits(lexer_.peek());
  std::vector<int> wires;
  Operand part;
  int parts = 0;
  do {
    part = read_operand(bits);
    charge(part.token, 1 + static_cast<std::size_t>(part.size) / kWiresPerUnit);
    for (int k = 0; k < part.size; ++k) wires.push_back(part.at(k));
    ++parts;
  } while (lexer_.accept("++"));
  if (parts > 1) check_no_repeats(wires, name);
  Operand out{.token = name, .is_bits = bits, .is_single = part.is_single && parts == 1};
  out.size = static_cast<int>(wires.size());
  out.selection = std::make_shared<const std::vector<int>>(std::move(wires));
  declare_here(name, {.operand = std::move(out)});
}

void Qasm3Reader::read_arrow_measurement() {
  lexer_.next();
  const Operand qubits = read_operand(false);
  if (!lexer_.peek().is("->")) {
    lexer_.fail_expected(lexer_.peek(), "'->' and the bits for the outcomes");
  }
  lexer_.next();
  measure(qubits, read_operand(true));
}

void Qasm3Reader::read_assignment() {
  const Operand bits = read_operand(true);
  lexer_.expect("=");
  if (!lexer_.peek().is("measure")) {
    lexer_.fail_expected(lexer_.peek(), "'measure': bits get no other values");
  }
  lexer_.next();
  measure(read_operand(false), bits);
}

bool Qasm3Reader::is_bits(const Token& token) const {
  const Symbol* symbol = token.kind == TokenKind::kName ? find(token) : nullptr;
  return symbol != nullptr && symbol->kind == Symbol::Kind::kOperand && symbol->operand.is_bits;
}

void Qasm3Reader::check_no_repeats(const std::vector<int>& wires, const Token& token) const {
  std::vector<int> sorted = wires;
  std::ranges::sort(sorted);
  lexer_.require_at(std::ranges::adjacent_find(sorted) == sorted.end(), token,
                    "a qubit or bit is selected twice");
}

void Qasm3Reader::declare_here(const Token& name, Symbol symbol) {
  Local local{.name = name.text};
  if (const Symbol* known = find(name)) local.hidden = *known;
  symbol.scope = scope_;
  declare(name, std::move(symbol));
  locals_.push_back(std::move(local));
}

std::optional<Value> Qasm3Reader::look_up(Lexer& lexer, const Token& name) {
  const Symbol* symbol = find(name);
  if (symbol == nullptr || symbol->kind == Symbol::Kind::kOperand) return std::nullopt;
  if (symbol->kind == Symbol::Kind::kValue) return symbol->value;
  const std::int64_t size = symbol->array_size;
  lexer.expect("[");
  const Token token = lexer.peek();
  // An index has no elements of arrays in it, so that this does not recurse.
  const Lookup constants = [this](Lexer&, const Token& inner) -> std::optional<Value> {
    const Symbol* found = find(inner);
    if (found == nullptr || found->kind != Symbol::Kind::kValue) return std::nullopt;
    return found->value;
  };
  const std::int64_t index = parse_integer(lexer, constants, "the index");
  lexer.require_at(index >= 0 && index < size, token, "index ", index, " is out of range for ",
                   quoted(name), " of ", size);
  lexer.expect("]");
  return Expression(Parameter(name.text, static_cast<int>(index), static_cast<int>(size)));
}

void Qasm3Reader::for_each_in_body(void (Qasm3Reader::*read_one)()) {
  lexer_.require_at(++nested_ <= kMostNested, lexer_.peek(), "blocks are nested more than ",
                    kMostNested, " deep");
  if (lexer_.accept("{")) {
    while (!lexer_.peek().is("}")) {
      if (lexer_.peek().kind == TokenKind::kEnd) lexer_.fail_expected(lexer_.peek(), "'}'");
      (this->*read_one)();
    }
    lexer_.next();
  } else {
    (this->*read_one)();
  }
  --nested_;
}

void Qasm3Reader::read_body() {
  in_scope([this] { for_each_in_body(&Qasm3Reader::read_statement); });
}

Circuit read_qasm3(std::string_view text, const QasmOptions& options) {
  return Qasm3Reader(text, options).read();
}

}  // namespace qsim::qasm
