#include "qsim/qasm/library.h"

#include <algorithm>
#include <array>
#include <utility>

#include "qsim/core/made_once.h"
#include "qsim/qasm/definition.h"

namespace qsim::qasm {
namespace {

// What is no row of the gate table under controls, in terms of what is.
constexpr std::string_view kCommon = R"(
gate u0(gamma) q { id q; }
gate cu(theta, phi, lambda, gamma) c, t { p(gamma) c; cu3(theta, phi, lambda) c, t; }
gate rzx(theta) a, b { h b; rzz(theta) a, b; h b; }
gate ecr a, b { rzx(pi/4) a, b; x a; rzx(-pi/4) a, b; }
gate dcx a, b { cx a, b; cx b, a; }
gate rccx a, b, c {
  h c; t c; cx b, c; tdg c; cx a, c; t c; cx b, c; tdg c; h c;
}
gate rc3x a, b, c, d {
  h d; t d; cx c, d; tdg d; h d;
  cx a, d; t d; cx b, d; tdg d; cx a, d; t d; cx b, d; tdg d;
  h d; t d; cx c, d; tdg d; h d;
}
gate rcccx a, b, c, d { rc3x a, b, c, d; }
)";

constexpr std::string_view kVersion2 = R"(
gate u2(phi, lambda) q { u(pi/2, phi, lambda) q; }
gate u3(theta, phi, lambda) q { u(theta, phi, lambda) q; }
)";

// Version 3 gives u2 and u3 the phase that makes their determinant 1.
constexpr std::string_view kVersion3 = R"(
gate u2(phi, lambda) q { rz(lambda) q; ry(pi/2) q; rz(phi) q; }
gate u3(theta, phi, lambda) q { rz(lambda) q; ry(theta) q; rz(phi) q; }
)";

// How files define gates of the table that their library lacks. A file that defines one in exactly
// these words means the gate of the table, so that circuits read back equal.
struct Known {
  std::string_view name;
  std::string_view definition;
};
constexpr std::array kKnown{
    Known{"rxx", "gate rxx(theta) a, b { h a; h b; cx a, b; rz(theta) b; cx a, b; h a; h b; }"},
    Known{"ryy",
          "gate ryy(theta) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(theta) b; cx a, b; "
          "rx(-pi/2) a; rx(-pi/2) b; }"},
    Known{"rzz", "gate rzz(theta) a, b { cx a, b; rz(theta) b; cx a, b; }"},
    Known{"iswap", "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }"},
    Known{"iswapdg", "gate iswapdg a, b { h b; cx b, a; cx a, b; h a; sdg b; sdg a; }"},
    Known{"sxdg", "gate sxdg a { inv @ sx a; }"},
    Known{"ccz", "gate ccz a, b, c { h c; ccx a, b, c; h c; }"},
};

constexpr std::array<std::string_view, 34> kQelib1{
    "id",  "x",  "y",   "z",    "h",     "s",   "sdg", "t",   "tdg", "sx",     "sxdg", "rx",
    "ry",  "rz", "p",   "u",    "cx",    "cy",  "cz",  "ch",  "csx", "ccx",    "crx",  "cry",
    "crz", "cp", "cu3", "swap", "cswap", "rxx", "rzz", "c3x", "c4x", "c3sqrtx"};
constexpr std::array<std::string_view, 26> kStdgates{
    "id", "x", "y",  "z",  "h",  "s",  "sdg", "t",   "tdg", "sx",  "rx", "ry",   "rz",
    "p",  "U", "cx", "cy", "cz", "ch", "ccx", "crx", "cry", "crz", "cp", "swap", "cswap"};

}  // namespace

bool is_library_name(std::string_view name, int version) {
  return version >= 3 ? std::ranges::find(kStdgates, name) != kStdgates.end()
                      : std::ranges::find(kQelib1, name) != kQelib1.end();
}

namespace {

std::string_view known_definition(std::string_view name) {
  const auto* found = std::ranges::find(kKnown, name, &Known::name);
  return found == kKnown.end() ? std::string_view{} : found->definition;
}

void add_row(GateSet& gates, std::string_view name, const GateRow& row, int controls) {
  if (row.targets == 0 || !is_gate(row)) return;
  Gate gate{.name = std::string(name), .kind = Gate::Kind::kRow};
  gate.angles = row.angles;
  gate.qubits = controls + row.targets;
  gate.row = &row;
  gate.controls = controls;
  gate.definition = words_of(known_definition(name), {.version = 3});
  gates.add(std::move(gate));
}

void add_table(GateSet& gates) {
  for (const GateRow& row : gate_table()) add_row(gates, row.name, row, 0);
  for (const auto names : {gate_aliases(), gate_file_names()}) {
    for (const GateAlias& alias : names) {
      add_row(gates, alias.name, gate_row(alias.base), alias.controls);
    }
  }
}

void add_definitions(GateSet& gates, std::string_view text, int version) {
  Lexer lexer(text, "the library", {.version = version});
  const Lookup nothing = [](Lexer&, const Token&) { return std::nullopt; };
  while (lexer.peek().kind != TokenKind::kEnd) read_definition(lexer, gates, nothing);
}

GateSet make_library(int version) {
  GateSet out;
  add_table(out);
  if (version >= 3) {
    out.add({.name = "gphase", .kind = Gate::Kind::kPhase, .angles = 1, .qubits = 0});
  }
  add_definitions(out, kCommon, version);
  add_definitions(out, version >= 3 ? kVersion3 : kVersion2, version);
  return out;
}

std::string pauli_name(std::string_view letters) {
  std::string out(letters);
  std::ranges::transform(out, out.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  return out;
}

// exp(−iθ/2 P): every letter is turned into Z, and the parity of the ones rotates.
std::string pauli_definition(std::string_view letters) {
  const auto qubit = [](std::size_t k) { return concat("q", k); };
  std::string names;
  std::string in;
  std::string out;
  std::string up;
  std::string down;
  std::size_t last = letters.size();
  for (std::size_t k = 0; k < letters.size(); ++k) {
    const std::string q = qubit(k);
    names += concat(k > 0 ? ", " : "", q);
    if (letters[k] == 'I') continue;
    if (letters[k] == 'X') in += concat("h ", q, "; ");
    if (letters[k] == 'X') out += concat("h ", q, "; ");
    if (letters[k] == 'Y') in += concat("rx(pi/2) ", q, "; ");
    if (letters[k] == 'Y') out += concat("rx(-pi/2) ", q, "; ");
    if (last < letters.size()) {
      up += concat("cx ", qubit(last), ", ", q, "; ");
      down.insert(0, concat("cx ", qubit(last), ", ", q, "; "));
    }
    last = k;
  }
  // Without letters it is a phase, which no gate of version 2 is by itself.
  const std::string turn = last == letters.size() ? "rz(theta) q0; p(-theta) q0; "
                                                  : concat("rz(theta) ", qubit(last), "; ");
  return concat("gate pauli_", pauli_name(letters), "(theta) ", names, " { ", in, up, turn, down,
                out, "}");
}

}  // namespace

const GateSet& library(int version) {
  return version >= 3 ? made_once([] { return make_library(3); })
                      : made_once([] { return make_library(2); });
}

const GateSet& language_gates() {
  return made_once([] {
    GateSet out;
    add_row(out, "U", gate_row("u"), 0);
    add_row(out, "CX", gate_row("x"), 1);
    return out;
  });
}

Spelling spelling(const GateRow& row, std::size_t n_controls, int version) {
  const auto n = static_cast<int>(n_controls);
  std::vector<std::string_view> names;
  if (n == 0) names.push_back(row.name);
  for (const auto aliases : {gate_aliases(), gate_file_names()}) {
    for (const GateAlias& alias : aliases) {
      if (alias.base == row.name && alias.controls == n) names.push_back(alias.name);
    }
  }
  for (const std::string_view name : names) {
    if (is_library_name(name, version)) return {.name = std::string(name)};
  }
  if (version >= 3 && n > 0) return {};  // ctrl @ says it
  for (const std::string_view name : names) {
    const std::string_view definition = known_definition(name);
    if (!definition.empty()) return {std::string(name), std::string(definition)};
  }
  return {};
}

Spelling pauli_spelling(std::string_view letters) {
  return {"pauli_" + pauli_name(letters), pauli_definition(letters)};
}

std::string pauli_letters(std::string_view name) {
  constexpr std::string_view kPrefix = "pauli_";
  std::string out;
  if (!name.starts_with(kPrefix)) return out;
  for (const char c : name.substr(kPrefix.size())) {
    if (c != 'i' && c != 'x' && c != 'y' && c != 'z') return "";
    out += static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

Gate pauli_gate(std::string_view letters) {
  const auto [name, definition] = pauli_spelling(letters);
  return {.name = name,
          .kind = Gate::Kind::kPauli,
          .angles = 1,
          .qubits = static_cast<int>(letters.size()),
          .pauli = std::string(letters),
          .definition = words_of(definition, {.version = 3})};
}

}  // namespace qsim::qasm
