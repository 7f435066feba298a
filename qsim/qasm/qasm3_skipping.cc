#include <string>

#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {

void Qasm3Reader::skip_body() { for_each_in_body(&Qasm3Reader::skip_statement); }

void Qasm3Reader::skip_statement() {
  const Token token = lexer_.peek();
  if (token.is("@")) return lexer_.skip_line();
  if (token.is("#") || token.is("pragma")) return lexer_.skip_line();
  if (lexer_.accept("if")) return skip_if();
  if (lexer_.accept("for")) return skip_for();
  if (lexer_.accept("while")) {
    skip_brackets({"("});
    return skip_body();
  }
  if (lexer_.accept("switch")) {
    skip_brackets({"("});
    return skip_brackets({"{"});
  }
  if (lexer_.accept("box")) {
    if (lexer_.peek().is("[")) skip_item();
    return skip_body();
  }
  // Other statements with blocks would not end with the first ";".
  refuse_in_block(token);
  while (!lexer_.accept(";")) skip_item();
}

void Qasm3Reader::skip_if() {
  skip_brackets({"("});
  skip_body();
  if (lexer_.accept("else")) skip_body();
}

void Qasm3Reader::skip_for() {
  if (is_type(lexer_.peek())) {
    lexer_.next();
    if (lexer_.peek().is("[")) skip_item();
  }
  lexer_.expect_name("the name of a loop variable");
  lexer_.expect("in");
  if (lexer_.peek().kind == TokenKind::kName) {
    lexer_.next();
    if (lexer_.peek().is("[")) skip_item();
  } else {
    skip_brackets({"[", "{"});
  }
  skip_body();
}

void Qasm3Reader::skip_brackets(std::initializer_list<std::string_view> opening) {
  const Token token = lexer_.peek();
  if (std::ranges::none_of(opening, [&](std::string_view s) { return token.is(s); })) {
    lexer_.fail_expected(token, concat("'", *opening.begin(), "'"));
  }
  skip_item();
}

void Qasm3Reader::skip_item() {
  constexpr std::string_view kOpening = "([{";
  constexpr std::string_view kClosing = ")]}";
  std::string awaited;
  do {
    const Token token = lexer_.next();
    const bool is_symbol = token.kind == TokenKind::kSymbol;
    const std::size_t opening = is_symbol ? kOpening.find(token.text) : kOpening.npos;
    const bool closes = is_symbol && kClosing.find(token.text) != kClosing.npos;
    const char wanted = awaited.empty() ? ';' : awaited.back();
    if (token.kind == TokenKind::kEnd || (closes && token.text.front() != wanted)) {
      lexer_.fail_expected(token, concat("'", wanted, "'"));
    }
    if (closes) awaited.pop_back();
    if (opening != kOpening.npos) awaited += kClosing[opening];
  } while (!awaited.empty());
}

}  // namespace qsim::qasm
