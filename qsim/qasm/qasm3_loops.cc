#include <algorithm>
#include <string>

#include "qsim/qasm/qasm3_reader.h"

namespace qsim::qasm {
namespace {

constexpr std::size_t kBytesPerUnit = 64;  // of the body of a loop, for each of its rounds

}  // namespace

void Qasm3Reader::read_for() {
  const Token token = lexer_.next();
  const ScalarType type = read_loop_type();
  const Token name = lexer_.expect_name("the name of a loop variable");
  lexer_.expect("in");
  if (lexer_.accept("{")) {
    std::vector<std::int64_t> values;
    read_list(lexer_, "}", [&] { values.push_back(read_integer("an element of the set")); });
    lexer_.expect("}");
    for (const std::int64_t value : values) check_fits(type, static_cast<double>(value), name);
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
  if (!none) {  // the ends of the range are its extremes
    check_fits(type, static_cast<double>(first), name);
    check_fits(type, static_cast<double>(first + (rounds - 1) * step), name);
  }
  run_loop(token, name, none ? 0 : rounds, [&](std::int64_t k) { return first + k * step; });
}

Qasm3Reader::ScalarType Qasm3Reader::read_loop_type() {
  const Token token = lexer_.peek();
  if (token.is("int") || token.is("uint")) return read_scalar_type({"int", "uint"});
  lexer_.require_at(!is_type(token), token, "loops over values of the type ", quoted(token),
                    " are not supported; loop variables are 'int' or 'uint'");
  return {token, std::nullopt};
}

template <class At>
void Qasm3Reader::run_loop(const Token& token, const Token& name, std::int64_t rounds,
                           const At& at) {
  const std::size_t position = lexer_.position();
  if (rounds == 0) skip_body();
  lexer_.placed(token, [&] { budget_.require_room(rounds); });
  for (std::int64_t k = 0; k < rounds; ++k) {
    lexer_.seek(position);
    in_scope([&] {
      declare_here(name, {.kind = Symbol::Kind::kValue, .value = static_cast<double>(at(k))});
      read_body();
    });
    charge(token, 1 + (lexer_.position() - position) / kBytesPerUnit);
  }
}

void Qasm3Reader::skip_body() { for_each_in_body(&Qasm3Reader::skip_statement); }

void Qasm3Reader::skip_statement() {
  const Token token = lexer_.peek();
  if (lexer_.accept("if")) return skip_if();
  if (lexer_.accept("for")) return skip_for();
  if (lexer_.accept("box")) return skip_box();
  // Other statements with blocks would not end with the first ";".
  refuse_in_block(token);
  if (!is_bits(token)) refuse_outside(token);
  while (!lexer_.accept(";")) skip_item();
}

void Qasm3Reader::skip_if() {
  skip_brackets({"("});
  skip_body();
  if (lexer_.accept("else")) skip_body();
}

void Qasm3Reader::skip_box() {
  if (lexer_.peek().is("[")) skip_item();
  skip_body();
}

void Qasm3Reader::skip_for() {
  if ((lexer_.accept("int") || lexer_.accept("uint")) && lexer_.peek().is("[")) skip_item();
  lexer_.expect_name("the name of a loop variable");
  lexer_.expect("in");
  skip_brackets({"[", "{"});
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
