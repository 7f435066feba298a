#include "qsim/qasm/qasm.h"

#include <algorithm>
#include <array>

#include "qsim/core/error.h"
#include "qsim/qasm/lexer.h"
#include "qsim/qasm/reader.h"

namespace qsim {
namespace {

template <std::size_t N>
bool is_one_of(const qasm::Token& token, const std::array<std::string_view, N>& words) {
  return token.kind == qasm::TokenKind::kName &&
         std::ranges::find(words, token.text) != words.end();
}

// The version that the first words are at home in that only one version has; 2 where there are
// none.
int version_by_words(qasm::Lexer& lexer) {
  static constexpr std::array<std::string_view, 2> kOnlyIn2{"qreg", "opaque"};
  static constexpr std::array<std::string_view, 30> kOnlyIn3{
      "qubit",    "bit",     "input", "output",  "const",  "let",   "def",     "for",
      "while",    "int",     "uint",  "float",   "angle",  "bool",  "complex", "array",
      "ctrl",     "negctrl", "inv",   "pow",     "box",    "cal",   "defcal",  "extern",
      "duration", "switch",  "delay", "stretch", "gphase", "pragma"};
  int open = 0;                  // braces
  bool begins_statement = true;  // names elsewhere are those of gates, qubits and bits
  for (qasm::Token token = lexer.next(); token.kind != qasm::TokenKind::kEnd;) {
    if (token.is("@") || token.is("$") || token.is("#")) return 3;
    if (begins_statement && token.is("gphase")) return 3;
    if (begins_statement && open == 0) {
      if (token.is("include")) return lexer.peek().text == "stdgates.inc" ? 3 : 2;
      if (is_one_of(token, kOnlyIn2)) return 2;
      if (is_one_of(token, kOnlyIn3)) return 3;
    }
    open += (token.is("{") ? 1 : 0) - (token.is("}") ? 1 : 0);
    begins_statement = token.is(";") || token.is("}") || token.is("{");
    token = lexer.next();
  }
  return 2;
}

// What the header says or, without one, the words.
int version_of(std::string_view text, const std::string& name) {
  qasm::Lexer lexer(text, name, {.version = 3});
  if (lexer.accept("OPENQASM")) {
    const qasm::Token token = lexer.peek();
    if (token.text == "2" || token.text == "2.0") return 2;
    if (token.text == "3" || token.text.starts_with("3.")) return 3;
    lexer.fail_expected(token, "the version 2.0 or 3.0");
  }
  try {
    return version_by_words(lexer);
  } catch (const qasm::PlacedError&) {  // no words of version 3: the reader says what is wrong
    return 2;
  }
}

}  // namespace

Circuit circuit_from_qasm(std::string_view text, const QasmOptions& options) {
  const int version = options.version == 0 ? version_of(text, options.name) : options.version;
  require(version == 2 || version == 3, "there is no OpenQASM version ", version,
          " here; there is 2 and 3");
  require(version == 2 || !options.strict, "strict reading is for OpenQASM 2");
  require(options.max_operations >= 0, "max_operations is ", options.max_operations,
          "; it cannot be negative");
  require(options.max_rounds >= 0, "max_rounds is ", options.max_rounds, "; it cannot be negative");
  require(version == 3 || options.inputs.empty(), "OpenQASM 2 has no inputs");
  return version == 2 ? qasm::read_qasm2(text, options) : qasm::read_qasm3(text, options);
}

}  // namespace qsim
