#include <algorithm>
#include <utility>

#include "qsim/core/interrupt.h"
#include "qsim/qasm/library.h"
#include "qsim/qasm/reader.h"

namespace qsim::qasm {
namespace {

class Qasm2Reader : public Reader {
 public:
  Qasm2Reader(std::string_view text, const QasmOptions& options) : Reader(text, options, 2) {
    if (options.strict) gates_.set_outer(&language_gates());
  }

  Circuit read() {
    read_header();
    while (lexer_.peek().kind != TokenKind::kEnd) {
      poll_interrupt();
      read_statement();
    }
    return finish();
  }

 private:
  void read_header() {
    const Token token = lexer_.peek();
    if (!token.is("OPENQASM")) {
      if (strict()) lexer_.fail_expected(token, "'OPENQASM 2.0;'");
      return;
    }
    lexer_.next();
    const Token version = lexer_.next();
    const bool fits = version.text == "2.0" || (version.text == "2" && !strict());
    if (!fits) lexer_.fail_expected(version, "the version 2.0");
    lexer_.expect(";");
  }

  void read_statement() {
    const Token token = lexer_.peek();
    if (token.is("gate") || token.is("opaque")) {
      read_gate_definition(kNoNames);
      return;
    }
    if (token.is("qreg") || token.is("creg")) {
      read_register();
    } else if (token.is("include")) {
      read_include();
    } else if (token.is("barrier")) {
      read_barrier();
    } else if (token.is("if")) {
      read_if();
    } else if (!token.is(";") || strict()) {
      read_operation();
    }
    lexer_.expect(";");
  }

  void read_register() {
    const bool is_bits = lexer_.next().is("creg");
    const Token name = lexer_.expect_name("the name of a register");
    lexer_.expect("[");
    if (lexer_.peek().kind != TokenKind::kInteger) {
      lexer_.fail_expected(lexer_.peek(), "the size of the register");
    }
    const double size = number_value(lexer_, lexer_.peek());
    lexer_.require_at(size <= kMaxBits, lexer_.peek(), "a register of ", size,
                      is_bits ? " bits" : " qubits", " is larger than the limit of ",
                      is_bits ? kMaxBits : kMaxCircuitQubits);
    lexer_.next();
    lexer_.expect("]");
    declare_register(name, static_cast<std::int64_t>(size), is_bits);
  }

  void read_include() {
    lexer_.next();
    const Token file = lexer_.peek();
    if (file.kind != TokenKind::kString || file.text != "qelib1.inc") {
      lexer_.fail_expected(file, "\"qelib1.inc\", the only file that is known");
    }
    lexer_.next();
    gates_.set_outer(&library(2));
  }

  // What may stand behind a condition.
  void read_operation() {
    const Token token = lexer_.peek();
    if (token.is("reset")) {
      read_reset();
    } else if (token.is("measure")) {
      lexer_.next();
      const Operand qubits = read_operand(false);
      lexer_.expect("->");
      measure(qubits, read_operand(true));
    } else {
      read_call(kNoNames);
    }
  }

  void read_if() {
    const Token token = lexer_.next();
    lexer_.expect("(");
    const Operand bits = read_operand(true);
    lexer_.require_at(!bits.is_single, bits.token, "expected a whole register, got one bit");
    lexer_.expect("==");
    const Token number = lexer_.peek();
    if (number.kind != TokenKind::kInteger) lexer_.fail_expected(number, "a whole number");
    lexer_.next();
    lexer_.expect(")");
    const std::optional<Comparison> comparison = comparison_with(bits, number.text);
    // A number that the register never has: what follows is checked and never happens.
    where_.never = !comparison;
    if (comparison) act_where(token, {*comparison});
    const std::size_t first = operations_.size();
    read_operation();
    if (comparison) check_condition(token, *where_.condition, first);
    where_ = {};
  }

  Operand read_selection(Operand whole) override {
    lexer_.require_at(!whole.is_single, whole.token, quoted(whole.token), " has no index");
    const Token token = lexer_.peek();
    if (token.kind != TokenKind::kInteger) lexer_.fail_expected(token, "an index");
    const double index = number_value(lexer_, token);
    lexer_.require_at(index < whole.size, token, "index ", token.text.substr(0, 20),
                      " is out of range for ", quoted(whole.token), " of ", whole.size);
    lexer_.next();
    lexer_.expect("]");
    whole.first += static_cast<int>(index);
    whole.size = 1;
    whole.is_single = true;
    return whole;
  }

  inline static const Lookup kNoNames = [](Lexer&, const Token&) -> std::optional<Term> {
    return std::nullopt;
  };
};

}  // namespace

Circuit read_qasm2(std::string_view text, const QasmOptions& options) {
  return Qasm2Reader(text, options).read();
}

}  // namespace qsim::qasm
