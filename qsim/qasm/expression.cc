#include "qsim/qasm/expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <locale>
#include <numbers>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "qsim/qasm/parameters.h"

namespace qsim::qasm {
namespace {

struct Constant {
  std::string_view name;
  int since;  // the version of the language
  double value;
};
constexpr std::array kConstants{
    Constant{"pi", 2, std::numbers::pi},      Constant{"π", 3, std::numbers::pi},
    Constant{"tau", 3, 2 * std::numbers::pi}, Constant{"τ", 3, 2 * std::numbers::pi},
    Constant{"euler", 3, std::numbers::e},    Constant{"ℇ", 3, std::numbers::e}};

double modulo(double a, double b) { return std::fmod(a, b); }

// A function of a circuit's expressions (op), or one of numbers alone.
struct Function {
  std::string_view name;
  bool in_2 = false;
  bool in_3 = false;
  int arity = 1;
  Op op = Op::kConstant;
  double (*value)(double a, double b) = nullptr;
  Term (*of_terms)(const Term& a, const Term& b) = nullptr;  // of bits too
};
constexpr std::array kFunctions{
    Function{"sin", true, true, 1, Op::kSin},
    Function{"cos", true, true, 1, Op::kCos},
    Function{"tan", true, true, 1, Op::kTan},
    Function{"exp", true, true, 1, Op::kExp},
    Function{"sqrt", true, true, 1, Op::kSqrt},
    Function{"ln", true, false, 1, Op::kLog},
    Function{"log", false, true, 1, Op::kLog},
    Function{"pow", false, true, 2, Op::kPow},
    Function{"mod", false, true, 2, Op::kConstant, modulo},
    Function{"arcsin", false, true, 1, Op::kAsin},
    Function{"arccos", false, true, 1, Op::kAcos},
    Function{"arctan", false, true, 1, Op::kAtan},
    Function{"floor", false, true, 1, Op::kConstant,
             [](double a, double) { return std::floor(a); }},
    Function{"ceiling", false, true, 1, Op::kConstant,
             [](double a, double) { return std::ceil(a); }},
    Function{.name = "popcount",
             .in_3 = true,
             .of_terms = [](const Term& a, const Term&) { return popcount(a); }},
    Function{.name = "rotl",
             .in_3 = true,
             .arity = 2,
             .of_terms = [](const Term& a, const Term& b) { return rotated("rotl", a, b); }},
    Function{.name = "rotr",
             .in_3 = true,
             .arity = 2,
             .of_terms = [](const Term& a, const Term& b) { return rotated("rotr", a, b); }},
};

const Function* find_function(std::string_view name, int version) {
  const auto* found = std::ranges::find_if(kFunctions, [&](const Function& f) {
    return f.name == name && (version >= 3 ? f.in_3 : f.in_2);
  });
  return found == kFunctions.end() ? nullptr : found;
}

const Constant* find_constant(std::string_view name, int version) {
  const auto* found = std::ranges::find_if(
      kConstants, [&](const Constant& c) { return c.name == name && c.since <= version; });
  return found == kConstants.end() ? nullptr : found;
}

struct Binary {
  std::string_view symbol;
  int since;
  int until;
  int precedence;
  Op op = Op::kConstant;  // of circuits' expressions
};
constexpr int kUnaryPrecedence = 11;
constexpr int kPowerPrecedence = 12;  // binds tighter than a minus before it, and to the right
constexpr std::array kBinary{Binary{"||", 3, 3, 1},
                             Binary{"&&", 3, 3, 2},
                             Binary{"|", 3, 3, 3},
                             Binary{"^", 3, 3, 4},
                             Binary{"&", 3, 3, 5},
                             Binary{"==", 3, 3, 6},
                             Binary{"!=", 3, 3, 6},
                             Binary{"<", 3, 3, 7},
                             Binary{"<=", 3, 3, 7},
                             Binary{">", 3, 3, 7},
                             Binary{">=", 3, 3, 7},
                             Binary{"<<", 3, 3, 8},
                             Binary{">>", 3, 3, 8},
                             Binary{"+", 2, 3, 9, Op::kAdd},
                             Binary{"-", 2, 3, 9, Op::kSub},
                             Binary{"++", 3, 3, 9},
                             Binary{"*", 2, 3, 10, Op::kMul},
                             Binary{"/", 2, 3, 10, Op::kDiv},
                             Binary{"%", 3, 3, 10},
                             Binary{"^", 2, 2, kPowerPrecedence, Op::kPow},
                             Binary{"**", 3, 3, kPowerPrecedence, Op::kPow}};

const Binary* find_binary(const Token& token, int version) {
  if (token.kind != TokenKind::kSymbol) return nullptr;
  const auto* found = std::ranges::find_if(kBinary, [&](const Binary& b) {
    return b.symbol == token.text && b.since <= version && version <= b.until;
  });
  return found == kBinary.end() ? nullptr : found;
}

bool is_decimal(std::string_view text) {
  return text.find_first_not_of("0123456789_") == std::string_view::npos;
}

Bits bits_of_string(std::string_view text) {
  Bits out;
  for (std::size_t k = text.size(); k-- > 0;) out.push_back({.value = text[k] == '1'});
  return out;
}

// Dijkstra's shunting yard: values in one stack, what waits for its right operand in the other.
class Parser {
 public:
  Parser(Lexer& lexer, const Lookup& lookup) : lexer_(lexer), lookup_(lookup) {}

  Term parse() {
    do {
      read_operand();
    } while (read_operator());
    while (!waiting_.empty()) {
      if (is_bracket(waiting_.back())) lexer_.fail_expected(lexer_.peek(), "')'");
      reduce();
    }
    return std::move(values_.back());
  }

 private:
  enum class Kind : unsigned char { kBracket, kCall, kUnary, kInfix };
  struct Waiting {
    Kind kind;
    Token token;
    int precedence = 0;
    Op op = Op::kConstant;
    const Function* function = nullptr;
    int arguments = 1;
  };

  static bool is_bracket(const Waiting& w) {
    return w.kind == Kind::kBracket || w.kind == Kind::kCall;
  }
  [[nodiscard]] bool is_version_3() const { return lexer_.dialect().version >= 3; }

  void read_operand() {
    for (;;) {
      const Token token = lexer_.next();
      if (token.is("-") || (is_version_3() && (token.is("!") || token.is("~")))) {
        waiting_.push_back({Kind::kUnary, token, kUnaryPrecedence, Op::kNeg});
      } else if (token.is("(")) {
        waiting_.push_back({Kind::kBracket, token});
        ++open_;
      } else if (token.kind == TokenKind::kName && lexer_.peek().is("(") && begins_call(token)) {
        lexer_.next();
      } else if (!token.is("+") || lexer_.dialect().strict) {
        values_.push_back(operand(token));
        return;
      }
    }
  }

  // Of a function of the language; casts and subroutines are looked up.
  bool begins_call(const Token& token) {
    const Function* function = find_function(token.text, lexer_.dialect().version);
    if (function == nullptr) return false;
    waiting_.push_back({.kind = Kind::kCall, .token = token, .function = function});
    ++open_;
    return true;
  }

  Term number(const Token& token) {
    const double value = number_value(lexer_, token);
    if (token.kind == TokenKind::kReal) return number_term(value);
    Term out = number_term(value, Type::Kind::kWritten);
    if (value > kLargestWhole && is_version_3() && is_decimal(token.text)) {
      out.bits = bits_of_digits(token.text);
    }
    return out;
  }

  Term operand(const Token& token) {
    if (token.kind == TokenKind::kInteger || token.kind == TokenKind::kReal) return number(token);
    if (token.kind == TokenKind::kString && is_version_3()) {
      lexer_.require_at(
          !token.text.empty() && token.text.find_first_not_of("01") == std::string_view::npos,
          token, "expected digits 0 and 1, got ", quoted(token));
      return bits_term(bits_of_string(token.text), Type::Kind::kString);
    }
    if (token.kind != TokenKind::kName) lexer_.fail_expected(token, "a number or a name");
    // A gate's parameter may be called tau.
    std::optional<Term> found = lookup_(lexer_, token);
    if (found) return std::move(*found);
    if (lexer_.peek().is("(")) lexer_.fail_at(token, "there is no function ", quoted(token));
    if (const Constant* c = find_constant(token.text, lexer_.dialect().version)) {
      return number_term(c->value);
    }
    if (is_keyword(token.text, lexer_.dialect().version)) {
      lexer_.fail_expected(token, "a number or a name");
    }
    lexer_.fail_at(token, "there is no number or parameter called ", quoted(token));
  }

  // True where another operand follows.
  bool read_operator() {
    for (;;) {
      const Token token = lexer_.peek();
      if (const Binary* binary = find_binary(token, lexer_.dialect().version)) {
        lexer_.next();
        const bool rightwards = binary->precedence == kPowerPrecedence;
        reduce_while([&](const Waiting& w) {
          return w.precedence > binary->precedence ||
                 (w.precedence == binary->precedence && !rightwards);
        });
        waiting_.push_back({Kind::kInfix, token, binary->precedence, binary->op});
        return true;
      }
      const bool closes = token.is(")");
      if ((!closes && !token.is(",")) || open_ == 0) return false;
      reduce_while([](const Waiting&) { return true; });
      Waiting& bracket = waiting_.back();
      if (!closes) {
        if (bracket.kind != Kind::kCall) lexer_.fail_expected(token, "')'");
        lexer_.next();
        ++bracket.arguments;
        return true;
      }
      lexer_.next();
      close();
    }
  }

  template <class While>
  void reduce_while(const While& more) {
    while (!waiting_.empty() && !is_bracket(waiting_.back()) && more(waiting_.back())) reduce();
  }

  void close() {
    const Waiting bracket = waiting_.back();
    waiting_.pop_back();
    --open_;
    if (bracket.kind == Kind::kBracket) return;
    const Function& function = *bracket.function;
    lexer_.require_at(bracket.arguments == function.arity, bracket.token, quoted(bracket.token),
                      " takes ", function.arity, " argument(s), got ", bracket.arguments);
    const Term right = function.arity == 2 ? pop() : number_term(0);
    const Term left = pop();
    values_.push_back(lexer_.placed(bracket.token, [&] {
      if (function.of_terms != nullptr) return function.of_terms(left, right);
      return apply_formula(function.name, function.op, function.value, left, right);
    }));
  }

  void reduce() {
    const Waiting top = waiting_.back();
    waiting_.pop_back();
    const Term right = pop();
    if (top.kind == Kind::kUnary) {
      values_.push_back(
          lexer_.placed(top.token, [&] { return apply_prefix(top.token.text, right); }));
      return;
    }
    const Term left = pop();
    values_.push_back(
        lexer_.placed(top.token, [&] { return apply_infix(top.token.text, top.op, left, right); }));
  }

  Term pop() {
    Term out = std::move(values_.back());
    values_.pop_back();
    return out;
  }

  Lexer& lexer_;
  const Lookup& lookup_;
  std::vector<Term> values_;
  std::vector<Waiting> waiting_;
  std::size_t open_ = 0;  // brackets in waiting_
};

// A number in limbs of 32 bits, from decimal digits, nine at a time.
std::vector<std::uint32_t> limbs_of(std::string_view digits) {
  std::vector<std::uint32_t> out;
  for (std::size_t at = 0; at < digits.size();) {
    const std::size_t count = at == 0 && digits.size() % 9 != 0 ? digits.size() % 9 : 9;
    std::uint64_t carry = 0;
    std::uint64_t scale = 1;
    for (const char c : digits.substr(at, count)) {
      carry = 10 * carry + static_cast<std::uint64_t>(c - '0');
      scale *= 10;
    }
    for (std::uint32_t& limb : out) {
      carry += scale * limb;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    if (carry > 0) out.push_back(static_cast<std::uint32_t>(carry));
    at += count;
  }
  return out;
}

double radix_value(const Lexer& lexer, const Token& token) {
  const char letter = static_cast<char>(token.text[1] | 0x20);
  const int base = letter == 'x' ? 16 : (letter == 'o' ? 8 : 2);
  double out = 0;
  bool valid = token.text.size() > 2;
  for (const char c : token.text.substr(2)) {
    if (c == '_') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    valid = valid && digit >= 0 && digit < base;
    out = out * base + digit;
  }
  lexer.require_at(valid && std::isfinite(out), token, "expected a number, got ", quoted(token));
  return out;
}

}  // namespace

Bits bits_of_digits(std::string_view digits) {
  std::string plain(digits);
  std::erase(plain, '_');
  Bits out;
  for (std::uint32_t limb : limbs_of(plain)) {
    for (int k = 0; k < 32; ++k, limb >>= 1U) out.push_back({.value = (limb & 1U) != 0});
  }
  return out;
}

bool is_type(const Token& token) {
  static constexpr std::array<std::string_view, 9> kTypes{
      "int", "uint", "float", "angle", "bool", "bit", "complex", "duration", "stretch"};
  return std::ranges::any_of(kTypes, [&](std::string_view word) { return token.is(word); });
}

bool has_operator(Op op, int version) {
  if (op_row(op).arity != 1 || op == Op::kNeg) return true;
  return std::ranges::any_of(kFunctions, [&](const Function& f) {
    return f.op == op && (version >= 3 ? f.in_3 : f.in_2);
  });
}

double number_value(const Lexer& lexer, const Token& token) {
  std::string_view digits = token.text;
  constexpr std::string_view kPrefixes = "xXoObB";
  if (digits.size() > 1 && kPrefixes.find(digits[1]) != kPrefixes.npos) {
    return radix_value(lexer, token);
  }
  std::string without;
  if (digits.find('_') != digits.npos) {
    std::ranges::copy_if(digits, std::back_inserter(without), [](char c) { return c != '_'; });
    digits = without;
  }
  double out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error == std::errc::result_out_of_range) {
    // A stream tells what is too small from what is too large, in the same way in every locale.
    std::istringstream stream{std::string(digits)};
    stream.imbue(std::locale::classic());
    stream >> out;
    lexer.require_at(out < 1, token, "the number ", quoted(token), " is too large");
    return out;
  }
  lexer.require_at(error == std::errc{} && end == digits.data() + digits.size(), token,
                   "expected a number, got ", quoted(token));
  return out;
}

Term apply_operator(std::string_view symbol, const Term& left, const Term& right) {
  const Binary* binary = find_binary({.kind = TokenKind::kSymbol, .text = symbol}, 3);
  return apply_infix(symbol, binary->op, left, right);
}

Term parse_term(Lexer& lexer, const Lookup& lookup) { return Parser(lexer, lookup).parse(); }

Value known_number(const Lexer& lexer, const Token& first, Term term) {
  lexer.placed(first, [&] { require_decided(term, "expected a number that is known, got what"); });
  lexer.require_at(term.type.kind != Type::Kind::kBool, first, "expected a number, got a bool");
  return std::move(*term.value);
}

Value parse_expression(Lexer& lexer, const Lookup& lookup) {
  const Token first = lexer.peek();
  return known_number(lexer, first, parse_term(lexer, lookup));
}

std::int64_t parse_integer(Lexer& lexer, const Lookup& lookup, std::string_view what) {
  const Token first = lexer.peek();
  const Value value = parse_expression(lexer, lookup);
  const auto* number = std::get_if<double>(&value);
  lexer.require_at(number != nullptr, first, what, " must be a constant");
  lexer.require_at(*number == std::floor(*number), first, what, " is ", *number,
                   "; it must be a whole number");
  lexer.require_at(std::abs(*number) <= kLargestWhole, first, what, " is ", *number,
                   "; the limit is 2^53");
  return static_cast<std::int64_t>(*number);
}

bool is_constant_or_function(std::string_view name, int version) {
  return find_constant(name, version) != nullptr || find_function(name, version) != nullptr;
}

}  // namespace qsim::qasm
