#include "qsim/circuit/gate_table.h"

#include <algorithm>
#include <array>
#include <numbers>

#include "qsim/circuit/closest.h"
#include "qsim/core/error.h"
#include "qsim/core/made_once.h"

namespace qsim {
namespace {

using enum QasmLibrary;

// What stands in brackets in the table is a list: brackets keep its commas inside one argument.
#define KETGRAD_STRIP(...) __VA_ARGS__

Matrix matrix2(const std::array<Complex, 4>& entries) {
  return Eigen::Map<const Matrix>(entries.data(), 2, 2);
}

Matrix matrix4(const std::array<Complex, 16>& entries) {
  return Eigen::Map<const Matrix>(entries.data(), 4, 4);
}

std::vector<GateRow> make_rows() {
  const Complex i(0, 1);
  const Complex p(0.5, 0.5);
  const Complex m(0.5, -0.5);
  const double r = 1.0 / std::numbers::sqrt2;
  std::vector<GateRow> rows;
#define KETGRAD_FIXED(name, targets, symbol, inverse, matrix, qasm, help) \
  rows.push_back({#name,                                                  \
                  GateKind::kFixed,                                       \
                  0,                                                      \
                  targets,                                                \
                  symbol,                                                 \
                  inverse,                                                \
                  {},                                                     \
                  matrix,                                                 \
                  {KETGRAD_STRIP qasm},                                   \
                  help});
#define KETGRAD_ROTATION(name, angles, targets, symbol, factors, qasm, help) \
  rows.push_back({#name,                                                     \
                  GateKind::kRotation,                                       \
                  angles,                                                    \
                  targets,                                                   \
                  symbol,                                                    \
                  "",                                                        \
                  KETGRAD_STRIP factors,                                     \
                  {},                                                        \
                  {KETGRAD_STRIP qasm},                                      \
                  help});
#define KETGRAD_CARRIED(name, kind, angles, symbol, help) \
  rows.push_back({#name, GateKind::kind, angles, 0, symbol, "", {}, {}, {}, help});
#define KETGRAD_ALIAS(name, base, controls, angles, qubits, qasm)
#include "qsim/circuit/gate_table.inc"
  return rows;
}

constexpr std::array kAliases{
#define KETGRAD_FIXED(name, targets, symbol, inverse, matrix, qasm, help)
#define KETGRAD_ROTATION(name, angles, targets, symbol, factors, qasm, help)
#define KETGRAD_CARRIED(name, kind, angles, symbol, help)
#define KETGRAD_ALIAS(name, base, controls, angles, qubits, qasm) \
  GateAlias{#name, #base, controls, {KETGRAD_STRIP qasm}},
#include "qsim/circuit/gate_table.inc"
};

constexpr std::array kFileNames{
#define KETGRAD_FIXED(name, targets, symbol, inverse, matrix, qasm, help)
#define KETGRAD_ROTATION(name, angles, targets, symbol, factors, qasm, help)
#define KETGRAD_CARRIED(name, kind, angles, symbol, help)
#define KETGRAD_ALIAS(name, base, controls, angles, qubits, qasm)
#define KETGRAD_FILE_NAME(name, base, controls, qasm) \
  GateAlias{#name, #base, controls, {KETGRAD_STRIP qasm}},
#include "qsim/circuit/gate_table.inc"
};

constexpr std::array kSynonyms{
#define KETGRAD_FIXED(name, targets, symbol, inverse, matrix, qasm, help)
#define KETGRAD_ROTATION(name, angles, targets, symbol, factors, qasm, help)
#define KETGRAD_CARRIED(name, kind, angles, symbol, help)
#define KETGRAD_ALIAS(name, base, controls, angles, qubits, qasm)
#define KETGRAD_SYNONYM(name, alias, angles, qubits) GateSynonym{#name, #alias},
#include "qsim/circuit/gate_table.inc"
};

#undef KETGRAD_STRIP

std::vector<std::string> gate_names() {
  std::vector<std::string> out;
  for (const GateRow& row : gate_table()) out.emplace_back(row.name);
  for (const GateAlias& alias : kAliases) out.emplace_back(alias.name);
  for (const GateSynonym& synonym : kSynonyms) out.emplace_back(synonym.name);
  return out;
}

}  // namespace

std::span<const GateRow> gate_table() {
  return made_once([] { return make_rows(); });
}

std::span<const GateAlias> gate_aliases() { return kAliases; }

std::span<const GateAlias> gate_file_names() { return kFileNames; }

std::span<const GateSynonym> gate_synonyms() { return kSynonyms; }

std::string_view without_synonym(std::string_view name) {
  const auto* const found = std::ranges::find(kSynonyms, name, &GateSynonym::name);
  return found == kSynonyms.end() ? name : found->alias;
}

ResolvedGate resolve_gate(std::string_view name) {
  name = without_synonym(name);
  for (const GateRow& row : gate_table()) {
    if (row.name == name) return {&row, 0};
  }
  for (const GateAlias& alias : gate_aliases()) {
    if (alias.name == name) return {&gate_row(alias.base), alias.controls};
  }
  fail("there is no gate named '", name, "'; the closest are ",
       quoted(by_distance(name, gate_names())));
}

const GateRow& gate_row(std::string_view name) {
  const ResolvedGate gate = resolve_gate(name);
  require(gate.controls == 0, "'", name, "' is '", gate.row->name,
          "' under controls, not a gate of its own");
  return *gate.row;
}

}  // namespace qsim
