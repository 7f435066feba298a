#include "qsim/qasm/library.h"

#include <algorithm>
#include <array>
#include <bit>
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
gate cnot a, b { cx a, b; }
gate ccnot a, b, c { ccx a, b, c; }
gate si q { sdg q; }
gate ti q { tdg q; }
gate v q { sx q; }
gate vi q { sxdg q; }
gate phaseshift(lambda) q { p(lambda) q; }
gate cphaseshift(lambda) a, b { cp(lambda) a, b; }
gate xx(theta) a, b { rxx(theta) a, b; }
gate yy(theta) a, b { ryy(theta) a, b; }
gate zz(theta) a, b { rzz(theta) a, b; }
)";

constexpr std::string_view kVersion2 = R"(
gate u2(phi, lambda) q { u(pi/2, phi, lambda) q; }
gate u3(theta, phi, lambda) q { u(theta, phi, lambda) q; }
)";

// Version 3 gives u2 and u3 the phase that makes their determinant 1. The others are those of
// Amazon Braket, which writes this version (its developer guide and the docstrings of its SDK's
// gates).
constexpr std::string_view kVersion3 = R"(
gate u2(phi, lambda) q { rz(lambda) q; ry(pi/2) q; rz(phi) q; }
gate u3(theta, phi, lambda) q { rz(lambda) q; ry(theta) q; rz(phi) q; }
gate i q { id q; }
gate prx(theta, phi) q { rz(-phi) q; rx(theta) q; rz(phi) q; }
gate gpi(phi) q { rz(-2*phi) q; x q; }
gate gpi2(phi) q { prx(pi/2, phi) q; }
gate cv a, b { csx a, b; }
gate cphaseshift00(lambda) a, b { negctrl(2) @ gphase(lambda) a, b; }
gate cphaseshift01(lambda) a, b { negctrl @ p(lambda) a, b; }
gate cphaseshift10(lambda) a, b { negctrl @ p(lambda) b, a; }
gate pswap(lambda) a, b { swap a, b; cx a, b; p(lambda) b; cx a, b; }
gate xy(theta) a, b { rxx(-theta/2) a, b; ryy(-theta/2) a, b; }
gate ms(phi_a, phi_b, theta) a, b {
  rz(-phi_a) a; rz(-phi_b) b; rxx(theta) a, b; rz(phi_a) a; rz(phi_b) b;
}
)";

// What the qelib1.inc of the language's paper (arXiv:1707.03429) lacks: its additions since then
// are not in every reader's, so that files of version 2 define them, by what the paper has.
struct Addition {
  std::string_view name;
  std::string_view definition;
};
constexpr std::array kAdditions{
    Addition{"sx", "gate sx a { h a; s a; h a; }"},
    Addition{"sxdg", "gate sxdg a { h a; sdg a; h a; }"},
    Addition{"p", "gate p(lambda) a { u1(lambda) a; }"},
    Addition{"u", "gate u(theta, phi, lambda) a { u3(theta, phi, lambda) a; }"},
    Addition{"swap", "gate swap a, b { cx a, b; cx b, a; cx a, b; }"},
    Addition{"rxx", "gate rxx(theta) a, b { h a; h b; cx a, b; rz(theta) b; cx a, b; h b; h a; }"},
    Addition{"rzz", "gate rzz(theta) a, b { cx a, b; rz(theta) b; cx a, b; }"},
    Addition{"cp", "gate cp(lambda) a, b { cu1(lambda) a, b; }"},
    Addition{"crx", "gate crx(theta) a, b { h b; crz(theta) a, b; h b; }"},
    Addition{"cry", "gate cry(theta) a, b { ry(theta/2) b; cx a, b; ry(-theta/2) b; cx a, b; }"},
    Addition{"csx", "gate csx a, b { h b; cu1(pi/2) a, b; h b; }"},
    Addition{"cswap", "gate cswap a, b, c { cx c, b; ccx a, b, c; cx c, b; }"},
};

// Phases of all parities of the controls turn the last qubit by `angle` where all are 1 (Barenco et
// al. 1995, arXiv:quant-ph/9503016, lemma 7.5): a Gray code, whose neighbours differ by a CNOT.
std::string by_parities(std::string_view name, std::size_t n_controls, std::string_view angle) {
  const auto qubit = [](std::size_t k) { return concat("q", k); };
  const std::string target = qubit(n_controls);
  std::string names;
  for (std::size_t k = 0; k <= n_controls; ++k) names += concat(k > 0 ? ", " : "", qubit(k));
  std::string body = concat("h ", target, "; ");
  for (unsigned step = 1; step < 1U << n_controls; ++step) {
    const unsigned code = step ^ (step >> 1U);
    const unsigned flipped = code ^ ((step - 1) ^ ((step - 1) >> 1U));
    const auto top = static_cast<std::size_t>(std::bit_width(code)) - 1;
    const auto changed = static_cast<std::size_t>(std::countr_zero(flipped));
    if (changed != top) {
      body += concat("cx ", qubit(changed), ", ", qubit(top), "; ");
    } else if (top > 0) {
      body += concat("cx ", qubit(top - 1), ", ", qubit(top), "; ");
    }
    const bool odd = std::popcount(code) % 2 != 0;
    body += concat("cu1(", odd ? "" : "-", angle, ") ", qubit(top), ", ", target, "; ");
  }
  return concat("gate ", name, " ", names, " { ", body, "h ", target, "; }");
}

// How a file of version 2 defines what its library may lack; nothing for what every library has.
std::string addition(std::string_view name) {
  if (name == "c3x") return by_parities(name, 3, "pi/4");
  if (name == "c3sqrtx") return by_parities(name, 3, "pi/8");
  if (name == "c4x") return by_parities(name, 4, "pi/8");
  const auto* const found = std::ranges::find(kAdditions, name, &Addition::name);
  return found == kAdditions.end() ? "" : std::string(found->definition);
}

bool has(QasmLibrary library, int version) {
  const auto own = version >= 3 ? QasmLibrary::kStdgates : QasmLibrary::kQelib1;
  return library == own || library == QasmLibrary::kBoth;
}

// A name that files may call a row of the gate table by, under some controls.
struct Name {
  std::string_view name;
  const GateRow* row;
  int controls;
  QasmName qasm;
};

const std::vector<Name>& names_of_rows() {
  return made_once([] {
    std::vector<Name> out;
    for (const GateRow& row : gate_table()) out.push_back({row.name, &row, 0, row.qasm});
    for (const auto aliases : {gate_aliases(), gate_file_names()}) {
      for (const GateAlias& alias : aliases) {
        out.push_back({alias.name, &gate_row(alias.base), alias.controls, alias.qasm});
      }
    }
    return out;
  });
}

void add_row(GateSet& gates, const Name& name, int version) {
  const GateRow& row = *name.row;
  if (row.targets == 0 || !is_gate(row)) return;
  const std::string added = version < 3 ? addition(name.name) : "";
  gates.add({.name = std::string(name.name),
             .kind = Gate::Kind::kRow,
             .angles = row.angles,
             .qubits = name.controls + row.targets,
             .row = &row,
             .controls = name.controls,
             .definition = words_of(added.empty() ? name.qasm.definition : added, {.version = 3})});
}

void add_definitions(GateSet& gates, std::string_view text, int version) {
  Lexer lexer(text, "the library", {.version = version});
  const Lookup nothing = [](Lexer&, const Token&) -> std::optional<Term> { return std::nullopt; };
  while (lexer.peek().kind != TokenKind::kEnd) read_definition(lexer, gates, nothing, false);
}

GateSet make_library(int version) {
  GateSet out;
  for (const Name& name : names_of_rows()) add_row(out, name, version);
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
  const std::string turn = last == letters.size() ? "rz(theta) q0; u1(-theta) q0; "
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
    add_row(out, {.name = "U", .row = &gate_row("u"), .controls = 0, .qasm = {}}, 3);
    add_row(out, {.name = "CX", .row = &gate_row("x"), .controls = 1, .qasm = {}}, 3);
    return out;
  });
}

bool is_library_name(std::string_view name, int version) {
  return std::ranges::any_of(names_of_rows(), [&](const Name& known) {
    return known.name == name && has(known.qasm.library, version);
  });
}

Spelling spelling(const GateRow& row, std::size_t n_controls, int version) {
  Spelling defined;
  for (const Name& known : names_of_rows()) {
    if (known.row != &row || static_cast<std::size_t>(known.controls) != n_controls) continue;
    if (has(known.qasm.library, version)) {
      return {std::string(known.name), version < 3 ? addition(known.name) : ""};
    }
    // Under controls, version 3 says ctrl @.
    const bool may_define = version < 3 || n_controls == 0;
    if (may_define && defined.name.empty() && !known.qasm.definition.empty()) {
      defined = {std::string(known.name), std::string(known.qasm.definition)};
    }
  }
  return defined;
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
