#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "qsim/circuit/condition.h"
#include "qsim/core/interrupt.h"
#include "qsim/io/qasm_library.h"
#include "qsim/io/qasm_parameters.h"
#include "qsim/io/qasm_reader.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kWiresPerUnit = 16;
constexpr std::size_t kBytesPerUnit = 64;  // of the body of a loop, for each of its rounds
constexpr int kMostNested = 300;           // blocks and brackets; each takes some stack

constexpr std::array<std::string_view, 31> kOutside{
    "output",   "def",      "defcal",     "defcalgrammar", "cal",      "extern",  "box",
    "delay",    "while",    "switch",     "break",         "continue", "return",  "end",
    "int",      "uint",     "float",      "angle",         "bool",     "complex", "array",
    "duration", "stretch",  "durationof", "nop",           "pragma",   "#",       "@",
    "$",        "readonly", "mutable"};

// Where a statement acts: under a condition, always (an empty one) or never.
struct Guard {
  Condition condition;
  bool never = false;
  bool is_bit = false;  // a bit by itself, whose negation is the bit 0
};

class Qasm3Reader : public Reader {
 public:
  Qasm3Reader(std::string_view text, const QasmOptions& options) : Reader(text, options, 3) {}

  Circuit read() {
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

 private:
  // ---- Statements ----

  void read_statement() {
    poll_interrupt();
    const Token token = lexer_.peek();
    if (token.is("if")) return read_if();
    if (token.is("for")) return read_for();
    if (read_declaration(token)) return;
    if (token.is("barrier")) {
      read_barrier();
    } else if (token.is("reset")) {
      read_reset();
    } else if (token.is("measure")) {
      read_arrow_measurement();
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

  // What may stand outside of blocks only.
  bool read_declaration(const Token& token) {
    static constexpr std::array<std::string_view, 7> kWords{"gate", "include", "qubit", "bit",
                                                            "qreg", "creg",    "input"};
    if (std::ranges::none_of(kWords, [&](std::string_view word) { return token.is(word); })) {
      return false;
    }
    lexer_.require_at(nested_ == 0, token, quoted(token), " may not stand inside of a block");
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

  void refuse_outside(const Token& token) const {
    const bool outside = token.kind != TokenKind::kString &&
                         std::ranges::find(kOutside, token.text) != kOutside.end();
    lexer_.require_at(!outside, token, quoted(token),
                      " begins what is outside of the part of OpenQASM 3 that is read");
    const Symbol* symbol = find(token);
    lexer_.require_at(symbol == nullptr || gates_.find(token.text) != nullptr, token,
                      "expected a statement, got ", quoted(token),
                      ": numbers and qubits are not assigned to");
  }

  void read_include() {
    lexer_.next();
    const Token file = lexer_.peek();
    if (file.kind != TokenKind::kString ||
        (file.text != "stdgates.inc" && file.text != "qelib1.inc")) {
      lexer_.fail_expected(file, "\"stdgates.inc\", the only file that is known");
    }
    lexer_.next();
  }

  std::int64_t read_integer(std::string_view what) { return parse_integer(lexer_, lookup_, what); }

  // "[n]" of a type; nothing without one.
  std::optional<std::int64_t> read_designator(std::string_view what) {
    if (!lexer_.accept("[")) return std::nullopt;
    const std::int64_t out = read_integer(what);
    lexer_.expect("]");
    return out;
  }

  void read_register() {
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

  void read_scalar_type(std::initializer_list<std::string_view> types) {
    const Token type = lexer_.next();
    if (std::ranges::none_of(types, [&](std::string_view name) { return type.is(name); })) {
      std::string names;
      for (const std::string_view name : types)
        names += concat(names.empty() ? "'" : ", '", name, "'");
      lexer_.fail_expected(type, names);
    }
    (void)read_designator("the size of a type");
  }

  void read_input() {
    lexer_.next();
    if (!lexer_.accept("array")) {
      read_scalar_type({"float", "angle", "array"});
      const Token name = lexer_.expect_name("the name of a parameter");
      declare(name, {.kind = Symbol::Kind::kValue,
                     .value = Expression(Parameter(parameter_name(name.text)))});
      return;
    }
    lexer_.expect("[");
    read_scalar_type({"float", "angle"});
    lexer_.expect(",");
    const Token size_token = lexer_.peek();
    const std::int64_t size = read_integer("the size of an array");
    lexer_.require_at(size >= 1, size_token, "the size of an array is ", size,
                      "; it must be at least 1");
    lexer_.expect("]");
    const Token name = lexer_.expect_name("the name of an array");
    declare(name, {.kind = Symbol::Kind::kArray, .array_size = size});
  }

  void read_constant() {
    lexer_.next();
    read_scalar_type({"float", "int", "uint", "angle"});
    const Token name = lexer_.expect_name("the name of a constant");
    lexer_.expect("=");
    const Token token = lexer_.peek();
    const Value value = parse_expression(lexer_, lookup_);
    lexer_.require_at(std::holds_alternative<double>(value), token, "the constant ", quoted(name),
                      " depends on a parameter");
    declare_here(name, {.kind = Symbol::Kind::kValue, .value = value});
  }

  void read_alias() {
    lexer_.next();
    const Token name = lexer_.expect_name("a new name");
    lexer_.expect("=");
    const bool bits = is_bits(lexer_.peek());
    std::vector<int> wires;
    Operand part;
    bool several = false;
    do {
      part = read_operand(bits);
      charge(part.token, 1 + static_cast<std::size_t>(part.size) / kWiresPerUnit);
      for (int k = 0; k < part.size; ++k) wires.push_back(part.at(k));
    } while (lexer_.accept("++") && (several = true));
    Operand out{.token = name, .is_bits = bits, .is_single = part.is_single && !several};
    out.size = static_cast<int>(wires.size());
    out.selection = std::make_shared<const std::vector<int>>(std::move(wires));
    declare_here(name, {.operand = std::move(out)});
  }

  void read_arrow_measurement() {
    lexer_.next();
    const Operand qubits = read_operand(false);
    if (!lexer_.peek().is("->")) {
      lexer_.fail_expected(lexer_.peek(), "'->' and the bits for the outcomes");
    }
    lexer_.next();
    measure(qubits, read_operand(true));
  }

  void read_assignment() {
    const Operand bits = read_operand(true);
    lexer_.expect("=");
    if (!lexer_.peek().is("measure")) {
      lexer_.fail_expected(lexer_.peek(), "'measure': bits get no other values");
    }
    lexer_.next();
    measure(read_operand(false), bits);
  }

  // ---- Names ----

  [[nodiscard]] bool is_bits(const Token& token) const {
    const Symbol* symbol = token.kind == TokenKind::kName ? find(token) : nullptr;
    return symbol != nullptr && symbol->kind == Symbol::Kind::kOperand && symbol->operand.is_bits;
  }

  // In the innermost block, at whose end it is forgotten.
  void declare_here(const Token& name, Symbol symbol) {
    declare(name, std::move(symbol));
    local_names_.push_back(name.text);
  }

  void forget_names(std::size_t from) {
    for (; local_names_.size() > from; local_names_.pop_back()) symbols_.erase(local_names_.back());
  }

  std::optional<Value> look_up(Lexer& lexer, const Token& name) {
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
    return Expression(Parameter(concat(name.text, "[", index, "]")));
  }

  // ---- Selections: q[2], q[-1], q[0:2], q[0:2:6], q[{0, 3}] ----

  Operand read_selection(Operand whole) override {
    lexer_.require_at(!whole.is_single, whole.token, quoted(whole.token), " has no index");
    auto selection = std::make_shared<std::vector<int>>();
    const Token token = lexer_.peek();
    bool is_single = false;
    if (lexer_.accept("{")) {
      read_list(lexer_, "}", [&] { selection->push_back(read_index(whole)); });
      lexer_.expect("}");
    } else {
      is_single = read_range(whole, *selection);
    }
    lexer_.expect("]");
    charge(token, selection->size() / kWiresPerUnit);
    Operand out{.token = whole.token, .is_bits = whole.is_bits, .is_single = is_single};
    out.size = static_cast<int>(selection->size());
    if (is_single) {
      out.first = selection->front();
    } else {
      out.selection = std::move(selection);
    }
    return out;
  }

  int read_index(const Operand& whole) {
    const Token token = lexer_.peek();
    return wire(whole, read_integer("the index"), token);
  }

  int wire(const Operand& whole, std::int64_t index, const Token& token) const {
    lexer_.require_at(index >= -whole.size && index < whole.size, token, "index ", index,
                      " is out of range for ", quoted(whole.token), " of ", whole.size);
    return whole.at(static_cast<int>(index < 0 ? index + whole.size : index));
  }

  // True for a single index.
  bool read_range(const Operand& whole, std::vector<int>& out) {
    const Token token = lexer_.peek();
    std::int64_t first = 0;
    if (!token.is(":")) first = read_integer("the index");
    if (!lexer_.accept(":")) {
      out.push_back(wire(whole, first, token));
      return true;
    }
    std::int64_t step = 1;
    std::int64_t last = whole.size - 1;
    if (!lexer_.peek().is("]")) last = read_integer("the index");
    if (lexer_.accept(":")) {
      step = last;
      last = lexer_.peek().is("]") ? whole.size - 1 : read_integer("the index");
    }
    (void)wire(whole, first, token);
    (void)wire(whole, last, token);
    if (first < 0) first += whole.size;
    if (last < 0) last += whole.size;
    lexer_.require_at(step != 0, token, "the step of a range is 0");
    for (std::int64_t k = first; step > 0 ? k <= last : k >= last; k += step) {
      out.push_back(whole.at(static_cast<int>(k)));
    }
    lexer_.require_at(!out.empty(), token, "the range selects nothing");
    return false;
  }

  // ---- Blocks ----

  void charge(const Token& token, std::size_t units) {
    lexer_.placed(token, [&] { budget_.charge(units); });
  }

  void read_body() {
    lexer_.require_at(++nested_ <= kMostNested, lexer_.peek(), "blocks are nested more than ",
                      kMostNested, " deep");
    const std::size_t names = local_names_.size();
    if (lexer_.accept("{")) {
      while (!lexer_.peek().is("}")) {
        if (lexer_.peek().kind == TokenKind::kEnd) lexer_.fail_expected(lexer_.peek(), "'}'");
        read_statement();
      }
      lexer_.next();
    } else {
      read_statement();
    }
    forget_names(names);
    --nested_;
  }

  void read_body_under(const Token& token, const Where& outer, const Guard& guard) {
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

  void read_if() {
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

  // The body is read once for each of the cases in which the condition fails.
  void read_else(const Token& token, const Where& outer, const Guard& guard) {
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

  // ---- Conditions ----

  Guard read_guard() {
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

  Guard read_comparison() {
    const Token token = lexer_.peek();
    bool negated = false;
    while (lexer_.accept("!")) negated = !negated;
    Guard out;
    if (lexer_.accept("(")) {
      out = read_guard();
      lexer_.expect(")");
    } else {
      out = read_bits_comparison();
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

  Guard read_bits_comparison() {
    const Operand bits = read_operand(true);
    charge(bits.token, static_cast<std::size_t>(bits.size) / kWiresPerUnit);
    const Token sign = lexer_.peek();
    if (!sign.is("==") && !sign.is("!=")) {
      if (bits.size > 1) lexer_.fail_expected(sign, "'==' or '!='");
      return {.condition = {{{bits.at(0)}, {true}}}, .is_bit = true};
    }
    lexer_.next();
    std::optional<Comparison> comparison = read_number_for(bits);
    if (!comparison) return {.never = sign.is("==")};
    comparison->equal = sign.is("==");
    return {.condition = {std::move(*comparison)}};
  }

  // Decimal digits of any length, "0101", true, false, or a constant expression.
  std::optional<Comparison> read_number_for(const Operand& bits) {
    const Token token = lexer_.peek();
    if (token.kind == TokenKind::kString) return read_bit_string(bits);
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

  Comparison read_bit_string(const Operand& bits) {
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

  // ---- Loops ----

  void read_for() {
    const Token token = lexer_.next();
    if (lexer_.peek().is("int") || lexer_.peek().is("uint")) read_scalar_type({"int", "uint"});
    const Token name = lexer_.expect_name("the name of a loop variable");
    lexer_.expect("in");
    if (lexer_.accept("{")) {
      std::vector<std::int64_t> values;
      read_list(lexer_, "}", [&] { values.push_back(read_integer("an element of the set")); });
      lexer_.expect("}");
      run_loop(token, name, static_cast<std::int64_t>(values.size()),
               [&](std::int64_t k) { return values[static_cast<std::size_t>(k)]; });
      return;
    }
    lexer_.expect("[");
    const Token range = lexer_.peek();
    const std::int64_t first = read_integer("the first value");
    lexer_.expect(":");
    std::int64_t last = read_integer("the last value");
    std::int64_t step = 1;
    if (lexer_.accept(":")) {
      step = last;
      last = read_integer("the last value");
    }
    lexer_.expect("]");
    lexer_.require_at(step != 0, range, "the step of a range is 0");
    const std::int64_t rounds = (last - first) / step + 1;
    const bool none = step > 0 ? last < first : last > first;
    run_loop(token, name, none ? 0 : rounds, [&](std::int64_t k) { return first + k * step; });
  }

  template <class At>
  void run_loop(const Token& token, const Token& name, std::int64_t rounds, const At& at) {
    const std::size_t position = lexer_.position();
    if (rounds == 0) skip_body();
    for (std::int64_t k = 0; k < rounds; ++k) {
      lexer_.seek(position);
      const std::size_t names = local_names_.size();
      declare_here(name, {.kind = Symbol::Kind::kValue, .value = static_cast<double>(at(k))});
      read_body();
      forget_names(names);
      charge(token, 1 + (lexer_.position() - position) / kBytesPerUnit);
    }
  }

  // Of a loop without rounds: its indices need not be in range.
  void skip_body() {
    int open = 0;
    for (;;) {
      const Token token = lexer_.next();
      if (token.kind == TokenKind::kEnd) lexer_.fail_expected(token, "the end of a statement");
      if (token.is("{")) ++open;
      if (token.is("}")) --open;
      if (open == 0 && (token.is("}") || token.is(";"))) return;
    }
  }

  const Lookup lookup_ = [this](Lexer& lexer, const Token& name) { return look_up(lexer, name); };
  std::vector<std::string_view> local_names_;
  int nested_ = 0;
};

}  // namespace

Circuit read_qasm3(std::string_view text, const QasmOptions& options) {
  return Qasm3Reader(text, options).read();
}

}  // namespace qsim::qasm
