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
  bool in_2;
  bool in_3;
  int arity;
  Op op;
  double (*value)(double a, double b) = nullptr;
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
  Op op;
};
constexpr int kUnaryPrecedence = 3;
constexpr int kPowerPrecedence = 4;  // binds tighter than a minus before it, and to the right
constexpr std::array kBinary{Binary{"+", 2, 3, 1, Op::kAdd},
                             Binary{"-", 2, 3, 1, Op::kSub},
                             Binary{"*", 2, 3, 2, Op::kMul},
                             Binary{"/", 2, 3, 2, Op::kDiv},
                             Binary{"%", 3, 3, 2, Op::kConstant},
                             Binary{"^", 2, 2, kPowerPrecedence, Op::kPow},
                             Binary{"**", 3, 3, kPowerPrecedence, Op::kPow}};

const Binary* find_binary(const Token& token, int version) {
  if (token.kind != TokenKind::kSymbol) return nullptr;
  const auto* found = std::ranges::find_if(kBinary, [&](const Binary& b) {
    return b.symbol == token.text && b.since <= version && version <= b.until;
  });
  return found == kBinary.end() ? nullptr : found;
}

// Dijkstra's shunting yard: values in one stack, what waits for its right operand in the other.
class Parser {
 public:
  Parser(Lexer& lexer, const Lookup& lookup) : lexer_(lexer), lookup_(lookup) {}

  Value parse() {
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
  enum class Kind : unsigned char { kBracket, kCall, kNegate, kInfix };
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

  void read_operand() {
    for (;;) {
      const Token token = lexer_.next();
      if (token.is("-")) {
        waiting_.push_back({Kind::kNegate, token, kUnaryPrecedence});
      } else if (token.is("(")) {
        waiting_.push_back({Kind::kBracket, token});
        ++open_;
      } else if (token.kind == TokenKind::kName && lexer_.peek().is("(") && call(token)) {
        lexer_.next();
      } else if (!token.is("+") || lexer_.dialect().strict) {
        values_.push_back(operand(token));
        return;
      }
    }
  }

  bool call(const Token& token) {
    const Function* function = find_function(token.text, lexer_.dialect().version);
    if (function == nullptr) lexer_.fail_at(token, "there is no function ", quoted(token));
    waiting_.push_back({.kind = Kind::kCall, .token = token, .function = function});
    ++open_;
    return true;
  }

  Value operand(const Token& token) {
    if (token.kind == TokenKind::kInteger || token.kind == TokenKind::kReal) {
      return number_value(lexer_, token);
    }
    if (token.kind != TokenKind::kName) lexer_.fail_expected(token, "a number or a name");
    // A gate's parameter may be called tau.
    std::optional<Value> found = lookup_(lexer_, token);
    if (found) return std::move(*found);
    if (const Constant* c = find_constant(token.text, lexer_.dialect().version)) return c->value;
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
    const Value right = function.arity == 2 ? pop() : Value(0.0);
    const Value left = pop();
    values_.push_back(apply(bracket.token, function.op, function.value, left, right));
  }

  void reduce() {
    const Waiting top = waiting_.back();
    waiting_.pop_back();
    if (top.kind == Kind::kNegate) {
      const Value value = pop();
      values_.push_back(apply(top.token, Op::kNeg, nullptr, value, 0.0));
      return;
    }
    const Value right = pop();
    const Value left = pop();
    values_.push_back(
        apply(top.token, top.op, top.op == Op::kConstant ? modulo : nullptr, left, right));
  }

  Value pop() {
    Value out = std::move(values_.back());
    values_.pop_back();
    return out;
  }

  // `value` is for functions of numbers alone.
  Value apply(const Token& token, Op op, double (*value)(double, double), const Value& left,
              const Value& right) {
    const auto* a = std::get_if<double>(&left);
    const auto* b = std::get_if<double>(&right);
    if (a != nullptr && b != nullptr) {
      const double out = value != nullptr ? value(*a, *b) : op_row(op).value(*a, *b);
      lexer_.require_at(!std::isnan(out), token, "the result of ", quoted(token),
                        " is not a number");
      lexer_.require_at(std::isfinite(out), token, "the result of ", quoted(token), " is ", out,
                        "; it must be finite");
      return out;
    }
    lexer_.require_at(value == nullptr, token, quoted(token),
                      " is for numbers only, not for what depends on parameters");
    return lexer_.placed(token, [&]() -> Value {
      return Expression::apply(op, to_expression(left), to_expression(right));
    });
  }

  Lexer& lexer_;
  const Lookup& lookup_;
  std::vector<Value> values_;
  std::vector<Waiting> waiting_;
  std::size_t open_ = 0;  // brackets in waiting_
};

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

Expression to_expression(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::get<Expression>(value);
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

Value parse_expression(Lexer& lexer, const Lookup& lookup) { return Parser(lexer, lookup).parse(); }

std::int64_t parse_integer(Lexer& lexer, const Lookup& lookup, std::string_view what) {
  constexpr double kLargest = 9007199254740992.0;  // 2^53: all integers up to it are doubles
  const Token first = lexer.peek();
  const Value value = parse_expression(lexer, lookup);
  const auto* number = std::get_if<double>(&value);
  lexer.require_at(number != nullptr, first, what, " must be a constant");
  lexer.require_at(*number == std::floor(*number), first, what, " is ", *number,
                   "; it must be a whole number");
  lexer.require_at(std::abs(*number) <= kLargest, first, what, " is ", *number,
                   "; the limit is 2^53");
  return static_cast<std::int64_t>(*number);
}

bool is_constant_or_function(std::string_view name, int version) {
  return find_constant(name, version) != nullptr || find_function(name, version) != nullptr;
}

}  // namespace qsim::qasm
