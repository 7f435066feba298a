#pragma once

#include <functional>
#include <optional>
#include <variant>

#include "qsim/circuit/parameter.h"
#include "qsim/qasm/lexer.h"

// Angles and other numbers in OpenQASM 2 and 3.

namespace qsim::qasm {

// A number, or what depends on parameters. Numbers stay plain until the end, which is faster.
using Value = std::variant<double, Expression>;

Expression to_expression(const Value& value);

// What a name stands for in an expression; the lexer is behind the name and may be moved on, as for
// w[0]. Nothing where the name is unknown.
using Lookup = std::function<std::optional<Value>(Lexer& lexer, const Token& name)>;

// Nested to any depth: the stack is on the heap. Division is that of real numbers.
Value parse_expression(Lexer& lexer, const Lookup& lookup);

// An expression that is a whole number of at most 2^53 in size; `what` names it in messages.
std::int64_t parse_integer(Lexer& lexer, const Lookup& lookup, std::string_view what);

double number_value(const Lexer& lexer, const Token& token);

// Whether a circuit's operator can be written: some functions have no name there.
bool has_operator(Op op, int version);

// Reserved in expressions: constants and functions.
bool is_constant_or_function(std::string_view name, int version);

}  // namespace qsim::qasm
