#include "qsim/qasm/lexer.h"

#include <algorithm>
#include <array>
#include <ostream>

namespace qsim::qasm {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kLineEnds = "\r\n";  // of old files, a carriage return alone

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_tail(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The bytes of the UTF-8 character beyond ASCII that begins here; 0 where none does.
std::size_t wide_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.empty() ? '\0' : text.front());
  const std::size_t size = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
  const bool fits = lead >= 0xC2 && lead <= 0xF4 && text.size() >= size;
  return fits && std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size),
                             is_tail)
             ? size
             : 0;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t k = 0; k < text.size();) {
    if (out.size() > kLongest) return out + "…";
    const std::size_t wide = wide_character(text.substr(k));
    const auto byte = static_cast<unsigned char>(text[k]);
    if (wide > 0) {
      out += text.substr(k, wide);
    } else if (byte >= 0x20 && byte < 0x7F) {
      out += text[k];
    } else {
      out += {'\\', 'x', kDigits[byte / 16], kDigits[byte % 16]};
    }
    k += std::max<std::size_t>(wide, 1);
  }
  return out;
}

bool is_unit_of_time(std::string_view word) {
  static constexpr std::array<std::string_view, 6> kUnits{"dt", "ns", "us", "µs", "ms", "s"};
  return std::ranges::find(kUnits, word) != kUnits.end();
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Quoted& quoted) {
  const Token& token = quoted.token;
  if (token.kind == TokenKind::kEnd) return out << "the end of the file";
  return out << (token.kind == TokenKind::kString ? "the string '" : "'") << printable(token.text)
             << "'";
}

Lexer::Lexer(std::string_view text, std::string name, Dialect dialect)
    : text_(text), name_(std::move(name)), dialect_(dialect) {
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  next_ = scan();
}

Token Lexer::next() {
  const Token out = next_;
  next_ = scan();
  return out;
}

bool Lexer::accept(std::string_view word) {
  if (!next_.is(word)) return false;
  next_ = scan();
  return true;
}

Token Lexer::expect(std::string_view word) {
  if (!next_.is(word)) fail_expected(next_, concat("'", word, "'"));
  return next();
}

Token Lexer::expect_name(std::string_view what) {
  if (next_.kind != TokenKind::kName) fail_expected(next_, what);
  return next();
}

void Lexer::seek(std::size_t position) {
  at_ = position;
  next_ = scan();
}

std::string_view Lexer::rest_of_line() const {
  const std::string_view rest = text_.substr(position());
  return rest.substr(0, rest.find_first_of(kLineEnds));
}

void Lexer::skip_line() { seek(position() + rest_of_line().size()); }

void Lexer::fail_expected(const Token& got, std::string_view what) const {
  fail_at(got, "expected ", what, ", got ", quoted(got));
}

std::string Lexer::place(const Token& token) const {
  const std::string_view before = text_.substr(0, offset(token));
  const std::string_view row = before.substr(before.find_last_of(kLineEnds) + 1);  // npos + 1 is 0
  const std::string_view rows = before.substr(0, before.size() - row.size());
  std::ptrdiff_t line = 1 + std::ranges::count(rows, '\n');
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k] == '\r' && rows.substr(k, 2) != "\r\n") ++line;
  }
  const auto column = 1 + std::count_if(row.begin(), row.end(), [](char c) { return !is_tail(c); });
  return concat(name_, ":", line, ":", column, ": ");
}

Token Lexer::make(TokenKind kind, std::size_t end) const {
  return {.kind = kind, .text = text_.substr(at_, end - at_)};
}

void Lexer::skip_comment() {
  if (at(at_ + 1) == '/') {
    at_ = std::min(text_.find_first_of(kLineEnds, at_), text_.size());
    return;
  }
  const std::size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos) {
    fail_at(make(TokenKind::kSymbol, at_ + 2), "the comment that begins here does not end");
  }
  at_ = end + 2;
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    const bool block = at(at_ + 1) == '*' && !dialect_.strict;
    if (text_[at_] == '/' && (at(at_ + 1) == '/' || block)) {
      skip_comment();
    } else if (is_blank(text_[at_])) {
      ++at_;
    } else {
      return;
    }
  }
}

std::size_t Lexer::name_end(std::size_t from) const {
  while (from < text_.size()) {
    if (is_letter(text_[from]) || is_digit(text_[from])) {
      ++from;
    } else {
      const std::size_t wide = dialect_.version >= 3 ? wide_character(text_.substr(from)) : 0;
      if (wide == 0) return from;
      from += wide;
    }
  }
  return from;
}

Token Lexer::scan() {
  skip_blanks();
  if (at_ >= text_.size()) return {.kind = TokenKind::kEnd, .text = text_.substr(text_.size())};
  const char c = text_[at_];
  Token out;
  if (is_digit(c) || (c == '.' && is_digit(at(at_ + 1)))) {
    out = scan_number();
  } else if (c == '"' || (c == '\'' && !dialect_.strict)) {
    return scan_string();
  } else if (const std::size_t end = name_end(at_); end > at_) {
    out = make(TokenKind::kName, end);
  } else {
    out = scan_symbol();
  }
  at_ += out.text.size();
  return out;
}

// 12, 1.5, 1., .5, 1e-3 and, in version 3, 1_000, 0x1F, 0o17, 0b11, 100ns, 2im.
Token Lexer::scan_number() {
  std::size_t end = at_;
  const auto skip_digits = [&] {
    while (is_digit(at(end)) || (dialect_.version >= 3 && at(end) == '_')) ++end;
  };
  const std::string_view prefixes = "xXbBoO";
  if (dialect_.version >= 3 && at(at_) == '0' && prefixes.find(at(at_ + 1)) != prefixes.npos) {
    return make(TokenKind::kInteger, name_end(at_));
  }
  skip_digits();
  TokenKind kind = TokenKind::kInteger;
  if (at(end) == '.') {
    kind = TokenKind::kReal;
    ++end;
    skip_digits();
  }
  const bool has_point = kind == TokenKind::kReal;
  if (at(end) == 'e' || at(end) == 'E') {
    const std::size_t digits = end + (at(end + 1) == '+' || at(end + 1) == '-' ? 2 : 1);
    if (is_digit(at(digits))) {
      kind = TokenKind::kReal;
      end = digits;
      skip_digits();
    }
  }
  const Token out = make(kind, end);
  if (dialect_.version >= 3 && is_unit_of_time(text_.substr(end, name_end(end) - end))) {
    return make(TokenKind::kDuration, name_end(end));
  }
  if (dialect_.version >= 3 && text_.substr(end, name_end(end) - end) == "im") {
    return make(TokenKind::kImaginary, name_end(end));
  }
  if (name_end(end) != end) {
    fail_at(make(kind, name_end(end)), "expected a number, got ",
            quoted(make(kind, name_end(end))));
  }
  require_at(!dialect_.strict || kind == TokenKind::kInteger || has_point, out,
             "expected a number with a decimal point, got ", quoted(out), " (strict)");
  return out;
}

Token Lexer::scan_string() {
  const std::size_t end = text_.find_first_of(std::string{text_[at_], '\n', '\r'}, at_ + 1);
  if (end == std::string_view::npos || text_[end] != text_[at_]) {
    fail_at(make(TokenKind::kSymbol, at_ + 1), "the string that begins here does not end");
  }
  const Token out{.kind = TokenKind::kString, .text = text_.substr(at_ + 1, end - at_ - 1)};
  at_ = end + 1;
  return out;
}

Token Lexer::scan_symbol() {
  static constexpr std::array<std::string_view, 9> kPairs{"->", "==", "!=", "&&", "||",
                                                          "**", "++", "<=", ">="};
  static constexpr std::array<std::string_view, 13> kOnlyIn3{
      "<<=", ">>=", "**=", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="};
  for (const std::string_view longer : kOnlyIn3) {
    if (dialect_.version >= 3 && text_.substr(at_, longer.size()) == longer) {
      return make(TokenKind::kSymbol, at_ + longer.size());
    }
  }
  const std::string_view pair = text_.substr(at_, 2);
  if (std::ranges::find(kPairs, pair) != kPairs.end()) return make(TokenKind::kSymbol, at_ + 2);
  constexpr std::string_view kSingle = ";,()[]{}+-*/^=!<>:@&|~%.$#";
  const Token out = make(TokenKind::kSymbol, at_ + 1);
  if (kSingle.find(text_[at_]) == std::string_view::npos) {
    const std::size_t wide = std::max<std::size_t>(wide_character(text_.substr(at_)), 1);
    fail_at(out, "the character ", quoted(make(TokenKind::kSymbol, at_ + wide)),
            " has no meaning here");
  }
  return out;
}

}  // namespace qsim::qasm
