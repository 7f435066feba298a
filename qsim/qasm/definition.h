#pragma once

#include "qsim/qasm/expression.h"
#include "qsim/qasm/gates.h"

// Gate definitions, and what calls of gates have in common in bodies and elsewhere.

namespace qsim::qasm {

// "ctrl(2) @ inv @ rx(pi/2)", without the qubits that follow.
struct CallHead {
  const Gate* gate = nullptr;
  Token token{};  // its name
  Modifiers modifiers{};
  std::vector<Expression> angles{};
  Parts parts{};  // in place of the only angle, where it depends on measured bits
  [[nodiscard]] std::size_t qubits() const {
    return modifiers.controls.size() + static_cast<std::size_t>(gate->qubits);
  }
};
// Undecided for angles of measured bits, but for those of gates that add their only angle.
CallHead read_call_head(Lexer& lexer, const GateSet& gates, const Lookup& lookup);
void require_qubits(const Lexer& lexer, const CallHead& head, std::size_t got);

// Reads "gate name(…) … { … }" or "opaque name(…) …;" and adds it, or nothing where it is the
// known definition of a gate that the table has. Calls of it become boxes where the gate is to have
// a label. Returns the token of its name.
Token read_definition(Lexer& lexer, GateSet& gates, const Lookup& lookup, bool labelled);

// Reads "item, item, …" up to `end`, which it leaves; relaxed reading allows a comma behind the
// last. None at all only where the list may be empty.
template <class ReadItem>
void read_list(Lexer& lexer, std::string_view end, const ReadItem& read_item) {
  read_item();
  while (lexer.accept(",")) {
    if (lexer.peek().is(end) && !lexer.dialect().strict) return;
    read_item();
  }
}

// The words of a text with one space between them: equal for equal definitions.
std::string words_of(std::string_view text, Dialect dialect);

}  // namespace qsim::qasm
