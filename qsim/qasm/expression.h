#pragma once

#include <functional>
#include <optional>

#include "qsim/qasm/lexer.h"
#include "qsim/qasm/term.h"

// Angles and other numbers in OpenQASM 2 and 3.

namespace qsim::qasm {

// What a name stands for in an expression; the lexer is behind the name and may be moved on, as for
// w[0]. Nothing where the name is unknown. The name may be that of a type, which begins a cast.
using Lookup = std::function<std::optional<Term>(Lexer& lexer, const Token& name)>;

// Brackets to any depth: the stack is on the heap. Division is that of real numbers unless one of
// two whole ones has a type.
Term parse_term(Lexer& lexer, const Lookup& lookup);
// Of a term that begins with the token: what is known, or depends on parameters. Undecided where it
// depends on measured bits.
Value known_number(const Lexer& lexer, const Token& first, Term term);
Value parse_expression(Lexer& lexer, const Lookup& lookup);

// An expression that is a whole number of at most 2^53 in size; `what` names it in messages.
std::int64_t parse_integer(Lexer& lexer, const Lookup& lookup, std::string_view what);

// An operator of version 3 by its symbol, "+".
Term apply_operator(std::string_view symbol, const Term& left, const Term& right);

// Of decimal digits of any length, from the least significant.
Bits bits_of_digits(std::string_view digits);

bool is_type(const Token& token);

double number_value(const Lexer& lexer, const Token& token);

// Whether a circuit's operator can be written: some functions have no name there.
bool has_operator(Op op, int version);

// Reserved in expressions: constants and functions.
bool is_constant_or_function(std::string_view name, int version);

}  // namespace qsim::qasm
