#include "qsim/io/qasm.h"

#include <array>

#include "qsim/core/error.h"
#include "qsim/io/qasm_lexer.h"
#include "qsim/io/qasm_reader.h"

namespace qsim {
namespace {

// What the header says or, without one, what the first words are at home in.
int version_of(std::string_view text, const std::string& name) {
  qasm::Lexer lexer(text, name, {.version = 3});
  if (lexer.accept("OPENQASM")) {
    const qasm::Token token = lexer.peek();
    if (token.text == "2" || token.text == "2.0") return 2;
    if (token.text == "3" || token.text.starts_with("3.")) return 3;
    lexer.fail_expected(token, "the version 2.0 or 3.0");
  }
  if (lexer.accept("include")) return lexer.peek().text == "stdgates.inc" ? 3 : 2;
  static constexpr std::array<std::string_view, 5> kOnlyIn3{"qubit", "bit", "input", "const",
                                                            "let"};
  for (const std::string_view word : kOnlyIn3) {
    if (lexer.peek().is(word)) return 3;
  }
  return 2;
}

}  // namespace

Circuit circuit_from_qasm(std::string_view text, const QasmOptions& options) {
  const int version = options.version == 0 ? version_of(text, options.name) : options.version;
  require(version == 2 || version == 3, "there is no OpenQASM version ", version,
          " here; there is 2 and 3");
  require(version == 2 || !options.strict, "strict reading is for OpenQASM 2");
  require(options.max_operations >= 0, "max_operations is ", options.max_operations,
          "; it cannot be negative");
  return version == 2 ? qasm::read_qasm2(text, options) : qasm::read_qasm3(text, options);
}

}  // namespace qsim
