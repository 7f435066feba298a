#include "qsim/qasm/definition.h"

#include <algorithm>
#include <utility>

#include "qsim/circuit/circuit.h"
#include "qsim/qasm/library.h"
#include "qsim/qasm/parameters.h"
#include "qsim/qasm/parts.h"

namespace qsim::qasm {
namespace {

constexpr int kMostDepth = 200;  // of definitions in terms of definitions; each takes some stack

void read_control_modifier(Lexer& lexer, const Lookup& lookup, bool value, Modifiers& out) {
  std::int64_t count = 1;
  const Token token = lexer.peek();
  if (lexer.accept("(")) {
    count = parse_integer(lexer, lookup, "the number of controls");
    lexer.expect(")");
  }
  const auto most = kMaxCircuitQubits - static_cast<std::int64_t>(out.controls.size());
  lexer.require_at(count >= 1, token, "the number of controls is ", count,
                   "; it must be at least 1");
  lexer.require_at(count <= most, token, "a gate has more than ", kMaxCircuitQubits, " controls");
  out.controls.insert(out.controls.end(), static_cast<std::size_t>(count), value);
}

Modifiers read_modifiers(Lexer& lexer, const Lookup& lookup) {
  Modifiers out;
  for (;;) {
    if (lexer.accept("ctrl")) {
      read_control_modifier(lexer, lookup, true, out);
    } else if (lexer.accept("negctrl")) {
      read_control_modifier(lexer, lookup, false, out);
    } else if (lexer.accept("inv")) {
      out.powers.push_back(-1.0);
    } else if (lexer.accept("pow")) {
      lexer.expect("(");
      const Token token = lexer.peek();
      const Value exponent = parse_expression(lexer, lookup);
      const auto* number = std::get_if<double>(&exponent);
      lexer.require_at(number != nullptr, token, "the exponent of pow must be a constant");
      out.powers.push_back(*number);
      lexer.expect(")");
    } else {
      break;
    }
    lexer.expect("@");
  }
  std::ranges::reverse(out.powers);
  return out;
}
constexpr std::int64_t kLargestSize = std::int64_t{1} << 60;

// The head of a definition, and its body as it is read.
class DefinitionReader {
 public:
  DefinitionReader(Lexer& lexer, GateSet& gates, const Lookup& outer, bool labelled)
      : lexer_(lexer), gates_(gates), outer_(outer), labelled_(labelled) {}

  Token read() {
    const std::size_t begin = lexer_.position();
    const bool opaque = lexer_.next().is("opaque");
    const Token name = lexer_.expect_name("the name of a gate");
    gate_.name = std::string(name.text);
    read_names();
    if (opaque) {
      gate_.kind = Gate::Kind::kOpaque;
      lexer_.expect(";");
      gates_.add(std::move(gate_));
      return name;
    }
    lexer_.expect("{");
    gate_.size = 0;
    while (!lexer_.peek().is("}")) read_statement();
    const std::size_t end = lexer_.position() + 1;
    lexer_.next();
    add(words_of(lexer_.text().substr(begin, end - begin), lexer_.dialect()));
    return name;
  }

 private:
  void read_names() {
    if (lexer_.accept("(")) {
      if (!lexer_.peek().is(")")) {
        read_list(lexer_, ")", [this] { add_name(parameters_, "the name of a parameter"); });
      }
      lexer_.expect(")");
    }
    const std::string_view end =
        lexer_.dialect().version >= 3 || !lexer_.peek().is(";") ? "{" : ";";
    read_list(lexer_, end, [this] { add_name(qubits_, "the name of a qubit"); });
    gate_.angles = static_cast<int>(parameters_.size());
    gate_.qubits = static_cast<int>(qubits_.size());
  }

  using Names = std::unordered_map<std::string_view, int>;

  void add_name(Names& names, std::string_view what) {
    const Token token = lexer_.expect_name(what);
    lexer_.require_at(!parameters_.contains(token.text) && !qubits_.contains(token.text), token,
                      quoted(token), " is declared twice");
    names.emplace(token.text, static_cast<int>(names.size()));
  }

  void read_statement() {
    if (lexer_.peek().is(";") && !lexer_.dialect().strict) {
      lexer_.next();
      return;
    }
    const Token token = lexer_.peek();
    if (token.kind == TokenKind::kEnd) lexer_.fail_expected(token, "'}'");
    Call call;
    if (lexer_.accept("barrier")) {
      read_qubits(call);
    } else {
      CallHead head = read_head();
      if (head.qubits() > 0) read_qubits(call);
      require_qubits(lexer_, head, call.qubits.size());
      call.gate = head.gate;
      call.modifiers = std::move(head.modifiers);
      call.angles = std::move(head.angles);
    }
    lexer_.expect(";");
    const bool does_nothing =
        call.gate != nullptr && call.gate->kind == Gate::Kind::kBody && call.gate->body.empty();
    if (does_nothing) return;
    const bool may_vanish =
        std::ranges::find(call.modifiers.powers, 0.0) != call.modifiers.powers.end();
    const std::int64_t size = call.gate == nullptr ? 1 : call.gate->size;
    if (!may_vanish) gate_.size = std::min(gate_.size + size, kLargestSize);
    gate_.body.push_back(std::move(call));
  }

  CallHead read_head() {
    const Lookup lookup = [this](Lexer& lexer, const Token& name) -> std::optional<Term> {
      const auto found = parameters_.find(name.text);
      if (found == parameters_.end()) return outer_(lexer, name);
      return Term{.value = Expression(body_parameter(static_cast<std::size_t>(found->second)))};
    };
    const Token token = lexer_.peek();
    lexer_.require_at(token.text != gate_.name, token, "gate ", quoted(token), " calls itself");
    CallHead head = read_call_head(lexer_, gates_, lookup);
    lexer_.require_at(head.parts.empty(), token, "the gate '", gate_.name,
                      "' is defined by what depends on measured bits");
    gate_.depth = std::max(gate_.depth, head.gate->depth + 1);
    lexer_.require_at(gate_.depth <= kMostDepth, head.token, "gates are defined in terms of gates ",
                      "more than ", kMostDepth, " deep");
    return head;
  }

  void read_qubits(Call& call) {
    read_list(lexer_, ";", [&] {
      const Token token = lexer_.expect_name("the name of a qubit");
      const auto found = qubits_.find(token.text);
      lexer_.require_at(found != qubits_.end(), token, "gate '", gate_.name,
                        "' has no qubit called ", quoted(token));
      call.qubits.push_back(found->second);
    });
    std::vector<int> sorted = call.qubits;
    std::ranges::sort(sorted);
    const auto twice = std::ranges::adjacent_find(sorted);
    if (twice == sorted.end()) return;
    const auto named =
        std::ranges::find_if(qubits_, [&](const auto& qubit) { return qubit.second == *twice; });
    lexer_.fail_at(lexer_.peek(), "qubit '", named->first, "' is given twice");
  }

  void add(const std::string& words) {
    const Gate* known = gates_.find(gate_.name);
    if (known != nullptr && known->definition == words) return;
    if (const std::string letters = pauli_letters(gate_.name); !letters.empty()) {
      Gate pauli = pauli_gate(letters);
      if (pauli.definition == words) gate_ = std::move(pauli);
    }
    // What defines a gate of the libraries anew is no part that someone has given a name.
    const bool may_be_box = labelled_ && gate_.kind == Gate::Kind::kBody;
    if (may_be_box && library(lexer_.dialect().version).find(gate_.name) == nullptr) {
      gate_.label = gate_label(gate_.name);
    }
    gates_.add(std::move(gate_));
  }

  Lexer& lexer_;
  GateSet& gates_;
  const Lookup& outer_;
  bool labelled_;
  Gate gate_;
  Names parameters_;
  Names qubits_;
};

// Whether one gate behind another is that of the sum of their angles.
bool adds_angles(const Gate& gate) {
  if (gate.angles != 1) return false;
  if (gate.kind != Gate::Kind::kBody) return true;  // rotations of one generator
  if (gate.body.size() != 1 || gate.body.front().gate == nullptr) return false;
  const Call& only = gate.body.front();
  return only.angles.size() == 1 && only.angles.front().node().op == Op::kParameter &&
         adds_angles(*only.gate);
}

void read_angle(Lexer& lexer, const Lookup& lookup, CallHead& out) {
  const Token token = lexer.peek();
  Term term = parse_term(lexer, lookup);
  if (is_measured(term) && term.type.kind != Type::Kind::kBool && adds_angles(*out.gate)) {
    out.parts = lexer.placed(token, [&] { return sum_term(parts_of(term)).parts; });
    out.angles.emplace_back(0.0);
    return;
  }
  const Value angle = known_number(lexer, token, std::move(term));
  out.angles.push_back(lexer.placed(token, [&] { return to_expression(angle); }));
}

}  // namespace

CallHead read_call_head(Lexer& lexer, const GateSet& gates, const Lookup& lookup) {
  CallHead out;
  if (lexer.dialect().version >= 3) out.modifiers = read_modifiers(lexer, lookup);
  out.token = lexer.expect_name("a statement or the name of a gate");
  out.gate = gates.find(out.token.text);
  if (out.gate == nullptr && is_keyword(out.token.text, lexer.dialect().version)) {
    lexer.fail_at(out.token, "expected the name of a gate, got ", quoted(out.token),
                  ", which the language has for something else");
  }
  lexer.require_at(out.gate != nullptr, out.token, "there is no gate called ", quoted(out.token));
  lexer.require_at(out.gate->kind != Gate::Kind::kOpaque, out.token, "gate ", quoted(out.token),
                   " is opaque: nothing says what it does");
  if (lexer.accept("(")) {
    if (!lexer.peek().is(")")) {
      read_list(lexer, ")", [&] { read_angle(lexer, lookup, out); });
    }
    lexer.expect(")");
  }
  lexer.require_at(out.angles.size() == static_cast<std::size_t>(out.gate->angles), out.token,
                   "gate ", quoted(out.token), " takes ", out.gate->angles, " angle(s), got ",
                   out.angles.size());
  return out;
}

void require_qubits(const Lexer& lexer, const CallHead& head, std::size_t got) {
  const std::size_t n_controls = head.modifiers.controls.size();
  const std::string with = n_controls == 0 ? "" : concat(" with its ", n_controls, " control(s)");
  lexer.require_at(got == head.qubits(), head.token, "gate ", quoted(head.token), with, " acts on ",
                   head.qubits(), " qubit(s), got ", got);
}

Token read_definition(Lexer& lexer, GateSet& gates, const Lookup& lookup, bool labelled) {
  return DefinitionReader(lexer, gates, lookup, labelled).read();
}

std::string words_of(std::string_view text, Dialect dialect) {
  std::string out;
  Lexer lexer(text, "", dialect);
  while (lexer.peek().kind != TokenKind::kEnd) {
    out += lexer.next().text;
    out += ' ';
  }
  return out;
}

}  // namespace qsim::qasm
