#include "qsim/qasm/qasm3_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "qsim/core/interrupt.h"
#include "qsim/qasm/parameters.h"

namespace qsim::qasm {
namespace {

constexpr std::array<std::string_view, 10> kOutside{
    "complex", "durationof", "$", "readonly", "mutable", "case", "default", "else", "return", "in"};

}  // namespace

Circuit Qasm3Reader::read() {
  if (lexer_.accept("OPENQASM")) {
    const Token version = lexer_.next();
    if (version.text != "3" && !version.text.starts_with("3.")) {
      lexer_.fail_expected(version, "the version 3.0");
    }
    lexer_.expect(";");
  }
  while (lexer_.peek().kind != TokenKind::kEnd && flow_ == Flow::kOn) {
    const Token token = lexer_.peek();
    const int times = left_.times();
    read_statement();
    if (left_.times() != times && flow_ == Flow::kOn) go_on_where_not_left(token);
  }
  for (const auto& [name, value] : inputs_) {
    lexer_.require_at(told_.contains(name), lexer_.peek(), "the file has no input '", name,
                      "' of a single number, which is given ", value);
  }
  for (const auto& [first, condition] : ends_) check_condition(lexer_.peek(), condition, first);
  place_bits();
  return finish();
}

namespace {

// A statement that declares a name cannot be read twice in one block.
bool declares(const Token& token) {
  return is_type(token) || token.is("const") || token.is("array") || token.is("let");
}

}  // namespace

void Qasm3Reader::read_statement() {
  poll_interrupt();
  const Token token = lexer_.peek();
  if (token.is("@")) return lexer_.skip_line();  // an annotation, which changes no meaning
  if (read_declaration(token)) return;
  const auto before = std::tuple(scope_, calls_, operations_.size());
  const auto standing = std::tuple(where_, nested_, loops_, loop_where_, left_, watched_.size());
  try {
    read_action(token);
    charge(token, 0);
  } catch (const Undecided& undecided) {
    const bool can_repeat =
        before == std::tuple(scope_, calls_, operations_.size()) && !declares(token);
    if (!can_repeat) throw;
    std::size_t n_watched = 0;
    std::tie(where_, nested_, loops_, loop_where_, left_, n_watched) = standing;
    watched_.resize(n_watched);
    lexer_.seek(static_cast<std::size_t>(token.text.data() - lexer_.text().data()));
    by_cases(token, undecided, [&] { read_statement(); });
  }
}

void Qasm3Reader::read_action(const Token& token) {
  struct Statement {
    std::string_view word;
    void (Qasm3Reader::*read)();
    bool has_end = true;  // a semicolon
  };
  using R = Qasm3Reader;
  static constexpr std::array kStatements{
      Statement{"if", &R::read_if, false},
      Statement{"for", &R::read_for, false},
      Statement{"while", &R::read_while, false},
      Statement{"switch", &R::read_switch, false},
      Statement{"box", &R::read_box, false},
      Statement{"#", &R::read_pragma, false},
      Statement{"pragma", &R::read_pragma, false},
      Statement{"barrier", &R::read_barrier},
      Statement{"reset", &R::read_reset},
      Statement{"measure", &R::read_arrow_measurement},
      Statement{"delay", &R::read_delay},
      Statement{"duration", &R::skip_to_end},
      Statement{"stretch", &R::skip_to_end},
      Statement{"nop", &R::skip_to_end},
      Statement{"let", &R::read_alias},
      Statement{"const", &R::read_constant},
      Statement{"array", &R::read_array},
      Statement{"break", &R::read_break},
      Statement{"continue", &R::read_continue},
      Statement{"return", &R::read_return},
      Statement{"end", &R::read_end},
  };
  const auto* found =
      std::ranges::find_if(kStatements, [&](const Statement& s) { return token.is(s.word); });
  if (found != kStatements.end()) {
    (this->*found->read)();
    if (!found->has_end) return;
  } else if (is_type(token)) {
    refuse_outside(token);
    read_variable();
  } else if (is_assigned(token)) {
    read_assignment();
  } else if (is_feedback(token)) {
    token.is("cc_prx") ? read_fed_back() : read_feedback();
  } else if (!token.is(";")) {
    const Symbol* symbol = token.kind == TokenKind::kName ? find(token) : nullptr;
    const bool is_called = symbol != nullptr && (symbol->kind == Symbol::Kind::kSubroutine ||
                                                 symbol->kind == Symbol::Kind::kExtern);
    refuse_outside(token);
    is_called ? read_call_of_subroutine() : read_call(lookup_);
  }
  lexer_.expect(";");
}

namespace {

constexpr std::array<std::string_view, 12> kDeclarations{
    "gate",   "include", "qubit",  "qreg", "creg",   "input",
    "output", "def",     "extern", "cal",  "defcal", "defcalgrammar"};

}  // namespace

bool Qasm3Reader::is_declaration(const Token& token) {
  return std::ranges::any_of(kDeclarations, [&](std::string_view word) { return token.is(word); });
}

void Qasm3Reader::refuse_in_block(const Token& token) const {
  lexer_.require_at(nested_ == 0 || !is_declaration(token), token, quoted(token),
                    " may not stand inside of a block");
}

bool Qasm3Reader::read_declaration(const Token& token) {
  if (!is_declaration(token)) return false;
  refuse_in_block(token);
  const bool has_block =
      token.is("gate") || token.is("def") || token.is("defcal") || token.is("cal");
  if (token.is("gate")) {
    read_gate();
  } else if (token.is("def")) {
    read_definition_of_subroutine();
  } else if (token.is("extern")) {
    read_extern();
  } else if (token.is("include")) {
    read_include();
  } else if (token.is("input")) {
    read_input();
  } else if (token.is("output")) {
    read_output();
  } else if (token.is("creg")) {
    read_bits(true);
  } else if (token.is("qubit") || token.is("qreg")) {
    read_qubits();
  } else {
    read_calibration();
  }
  if (!has_block) lexer_.expect(";");
  return true;
}

void Qasm3Reader::refuse_outside(const Token& token) const {
  const bool outside =
      token.kind != TokenKind::kString && std::ranges::find(kOutside, token.text) != kOutside.end();
  lexer_.require_at(!outside, token, quoted(token),
                    " begins what is outside of the part of OpenQASM 3 that is read");
  const Symbol* symbol = token.kind == TokenKind::kName ? find(token) : nullptr;
  const bool is_statement = symbol == nullptr || symbol->kind == Symbol::Kind::kSubroutine ||
                            symbol->kind == Symbol::Kind::kExtern ||
                            gates_.find(token.text) != nullptr;
  lexer_.require_at(is_statement, token, "expected a statement, got ", quoted(token),
                    ", which begins none");
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

void Qasm3Reader::read_qubits() {
  const bool is_old = lexer_.next().is("qreg");
  constexpr std::string_view kSize = "the size of a register";
  std::optional<std::int64_t> size = is_old ? std::nullopt : read_designator(kSize);
  const Token name = lexer_.expect_name("the name of a register");
  if (is_old) size = read_designator(kSize);
  declare_register(name, size.value_or(1), false, !size);
}

void Qasm3Reader::read_input() {
  lexer_.next();
  if (!lexer_.accept("array")) return read_input_value();
  lexer_.expect("[");
  (void)read_type({"float", "angle"});
  lexer_.expect(",");
  const Token size_token = lexer_.peek();
  const std::int64_t size = read_integer("the size of an array");
  lexer_.require_at(size >= 1 && size <= kMostElements, size_token, "the size of an array is ",
                    size, "; it must be in [1, ", kMostElements, "]");
  lexer_.expect("]");
  const Token name = lexer_.expect_name("the name of an array");
  declare_here(name, {.kind = Symbol::Kind::kParameters, .array_size = size});
}

// As a constant where its value is told, else as a parameter.
void Qasm3Reader::read_input_value() {
  const Type type = read_type({"float", "angle", "int", "uint", "bool", "bit"});
  const Token name = lexer_.expect_name("the name of an input");
  const auto told = inputs_.find(parameter_name(name.text));
  if (told != inputs_.end()) {
    const Term value = number_term(told->second, Type::Kind::kWritten);
    check_fits(type, told->second, name);
    lexer_.require_at(std::isfinite(told->second), name, "the input ", quoted(name), " is ",
                      told->second);
    const bool is_given_a_bool = type.kind == Type::Kind::kBool;
    lexer_.require_at(!is_given_a_bool || told->second == 0 || told->second == 1, name,
                      "the input ", quoted(name), " is ", told->second, "; it must be 0 or 1");
    const Term own = type.is_whole() ? value : number_term(told->second);
    declare_value(name, lexer_.placed(name, [&] { return converted(type, own); }), true);
    told_.insert(told->first);
    return;
  }
  lexer_.require_at(
      !type.is_whole(), name, "the input ", quoted(name),
      " decides what the circuit is: its value has to be among the inputs that are given");
  declare_value(name, {.value = Expression(Parameter(parameter_name(name.text)))}, true);
}

// Pulses are another description of the same gates.
void Qasm3Reader::read_calibration() {
  const Token token = lexer_.next();
  const bool has_block = !token.is("defcalgrammar");
  note(token, concat(quoted(token), " is dropped"));
  while (!lexer_.peek().is(has_block ? "{" : ";")) skip_item();
  if (has_block) skip_brackets({"{"});
}

void Qasm3Reader::skip_to_end() {
  while (!lexer_.peek().is(";")) skip_item();
}

void Qasm3Reader::note(const Token& token, const std::string& text) {
  if (notes_ != nullptr) notes_->push_back(lexer_.place(token) + text);
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
  const Token target = lexer_.peek();
  const Symbol* symbol = target.kind == TokenKind::kName ? find(target) : nullptr;
  if (symbol != nullptr && symbol->kind == Symbol::Kind::kValue) return measure_into_value(qubits);
  measure_into(qubits, read_operand(true));
}

void Qasm3Reader::charge(const Token& token, std::size_t units) {
  const std::size_t looked_at = comparisons_looked_at();
  units += (looked_at - std::exchange(looked_at_, looked_at)) / kComparisonsPerUnit;
  if (units > 0) lexer_.placed(token, [&] { budget_.charge(units); });
}

void Qasm3Reader::charge_round(const Token& token, std::size_t first_operation,
                               std::size_t position) {
  const std::size_t units = operations_.size() == first_operation ? kUnitsOfIdleRound : 1;
  charge(token, units + (lexer_.position() - position) / kBytesPerUnit);
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
  if (scope_ > 0) locals_.push_back(std::move(local));
}

void Qasm3Reader::for_each_in_body(void (Qasm3Reader::*read_one)()) {
  lexer_.require_at(++nested_ <= kMostNested, lexer_.peek(), "blocks are nested more than ",
                    kMostNested, " deep");
  if (lexer_.accept("{")) {
    read_statements(read_one);
    lexer_.next();
  } else {
    flow_ == Flow::kOn ? (this->*read_one)() : skip_statement();
  }
  --nested_;
}

void Qasm3Reader::read_statements(void (Qasm3Reader::*read_one)()) {
  while (!lexer_.peek().is("}")) {
    const Token token = lexer_.peek();
    if (token.kind == TokenKind::kEnd) lexer_.fail_expected(token, "'}'");
    const int times = left_.times();
    flow_ == Flow::kOn ? (this->*read_one)() : skip_statement();
    if (left_.times() == times || flow_ != Flow::kOn) continue;
    lexer_.require_at(++nested_ <= kMostNested, token, "blocks are nested more than ", kMostNested,
                      " deep");
    const bool goes_on =
        where_not_left(token, [&] { in_scope([&] { read_statements(read_one); }); });
    --nested_;
    if (!goes_on) read_statements(&Qasm3Reader::skip_statement);
    return;
  }
}

void Qasm3Reader::read_body() {
  in_scope([this] { for_each_in_body(&Qasm3Reader::read_statement); });
}

Circuit read_qasm3(std::string_view text, const QasmOptions& options) {
  return Qasm3Reader(text, options).read();
}

}  // namespace qsim::qasm
