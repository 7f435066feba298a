#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "qsim/core/error.h"
#include "qsim/qasm/guard.h"

// The words of OpenQASM 2 and 3, and errors that say where in a file they are.

namespace qsim::qasm {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

struct Dialect {
  int version = 2;
  bool strict = false;  // OpenQASM 2 to the letter of its specification
};

enum class TokenKind : unsigned char {
  kEnd,
  kName,
  kInteger,
  kReal,
  kDuration,
  kImaginary,
  kString,
  kSymbol
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text{};  // a part of the file; of a string, without its quotes

  [[nodiscard]] bool is(std::string_view word) const {
    return (kind == TokenKind::kSymbol || kind == TokenKind::kName) && text == word;
  }
};

// An error that says where it is.
struct PlacedError : ValueError {
  using ValueError::ValueError;
};

// Reads one token ahead. The text has to outlive the lexer and its tokens.
class Lexer {
 public:
  Lexer(std::string_view text, std::string name, Dialect dialect);

  [[nodiscard]] const Dialect& dialect() const { return dialect_; }
  [[nodiscard]] const Token& peek() const { return next_; }
  Token next();
  bool accept(std::string_view word);  // takes it if it comes next
  Token expect(std::string_view word);
  Token expect_name(std::string_view what);

  // Where the next token begins, and back to there.
  [[nodiscard]] std::size_t position() const { return offset(next_); }
  void seek(std::size_t position);
  [[nodiscard]] std::string_view rest_of_line() const;  // from the next token on
  void skip_line();
  [[nodiscard]] std::string_view text() const { return text_; }

  [[nodiscard]] std::string place(const Token& token) const;  // "file:line:column: "

  // ValueError "file:line:column: …".
  template <class... Parts>
  [[noreturn]] void fail_at(const Token& token, const Parts&... parts) const {
    throw PlacedError(place(token) + concat(parts...));
  }
  template <class... Parts>
  void require_at(bool condition, const Token& token, const Parts&... parts) const {
    if (!condition) fail_at(token, parts...);
  }
  [[noreturn]] void fail_expected(const Token& got, std::string_view what) const;

  // Runs code whose own errors do not know the place.
  template <class Body>  // NOLINTNEXTLINE(modernize-use-nodiscard): often void
  auto placed(const Token& token, const Body& body) const {
    try {
      return body();
    } catch (const PlacedError&) {
      throw;
    } catch (const Undecided& error) {
      if (error.is_placed) throw;
      throw Undecided(place(token) + error.what(), error.bit, true);
    } catch (const std::invalid_argument& error) {
      fail_at(token, error.what());
    } catch (const std::out_of_range& error) {
      fail_at(token, error.what());
    }
  }

 private:
  // A string begins with the quotation mark that its text lacks.
  [[nodiscard]] std::size_t offset(const Token& token) const {
    return static_cast<std::size_t>(token.text.data() - text_.data()) -
           (token.kind == TokenKind::kString ? 1U : 0U);
  }
  [[nodiscard]] char at(std::size_t position) const {
    return position < text_.size() ? text_[position] : '\0';
  }
  [[nodiscard]] Token make(TokenKind kind, std::size_t end) const;
  void skip_blanks();
  void skip_comment();
  Token scan();
  Token scan_number();
  Token scan_string();
  Token scan_symbol();
  [[nodiscard]] std::size_t name_end(std::size_t from) const;

  std::string_view text_;
  std::string name_;
  Dialect dialect_;
  std::size_t at_ = 0;
  Token next_;
};

// What a message quotes of a file, which may be of any length and hold any bytes. It becomes text
// only where a message is made.
struct Quoted {
  Token token{};
};
inline Quoted quoted(const Token& token) { return {token}; }
std::ostream& operator<<(std::ostream& out, const Quoted& quoted);

}  // namespace qsim::qasm
