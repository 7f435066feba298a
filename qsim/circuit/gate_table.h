#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/core/types.h"

// Everything the project knows about a gate stands in its row of gate_table.inc; matrices,
// inverses, gradients, drawing, JSON and the Python methods are derived from the row.

namespace qsim {

// One factor exp(−i · scale · θ/2 · Π P) of a parametric gate: `pauli` has one letter per target
// (first target first), θ is the angle of that number, and Π projects the first target on |1⟩ where
// on_one is set. A phase e^{iθ} on |1⟩ is therefore {"I", −2, angle, on_one}.
struct FactorRow {
  std::string_view pauli{};
  double scale = 1.0;
  int angle = 0;
  bool on_one = false;
};

enum class GateKind : unsigned char {
  kFixed,      // a constant matrix
  kRotation,   // a product of factors
  kPauli,      // exp(−iθ/2 · P), P a Pauli string that the operation carries
  kUnitary,    // a constant matrix that the operation carries
  kEvolution,  // exp(−iθ · G), G a Hermitian matrix that the operation carries
  // What is no gate: it has no matrix and no inverse, and only circuits that run shot by shot or as
  // density matrices may have it (but for initialize and barrier).
  kInitialize,  // sets the amplitudes; only as the first operation of a circuit
  kMeasure,     // measures one qubit into a classical bit
  kReset,       // sets one qubit to |0⟩
  kBarrier,     // does nothing; for drawings and files
  kChannel,     // a quantum channel (noise) that the operation carries
};

// The libraries that OpenQASM files include: qelib1.inc, with the gates that Qiskit added, of
// version 2, and stdgates.inc of version 3.
enum class QasmLibrary : unsigned char { kNeither, kQelib1, kStdgates, kBoth };

// How OpenQASM has a name: which library does, and how a file defines it where that of its version
// does not. A file that defines it in exactly these words means the gate of the table, so that
// circuits read back equal.
struct QasmName {
  QasmLibrary library = QasmLibrary::kNeither;
  std::string_view definition{};
};

struct GateRow {
  std::string_view name{};
  GateKind kind = GateKind::kFixed;
  int angles = 0;
  int targets = 0;             // 0 where the operation says
  std::string_view symbol{};   // in drawings
  std::string_view inverse{};  // of a fixed gate: the name of its inverse
  std::vector<FactorRow> factors{};
  Matrix matrix{};  // of a fixed gate
  QasmName qasm{};
  std::string_view help{};
};

inline bool is_gate(const GateRow& row) { return row.kind < GateKind::kInitialize; }

// Another name for a row under some controls on |1⟩: cx is x with one control.
struct GateAlias {
  std::string_view name{};
  std::string_view base{};
  int controls = 0;
  QasmName qasm{};
};

std::span<const GateRow> gate_table();
std::span<const GateAlias> gate_aliases();
std::span<const GateAlias> gate_file_names();  // further ones, which only OpenQASM files use

// What others call an alias: cnot is cx.
struct GateSynonym {
  std::string_view name{};
  std::string_view alias{};
};

std::span<const GateSynonym> gate_synonyms();
std::string_view without_synonym(std::string_view name);  // the alias of a synonym, or the name

// Throws ValueError for a name that is neither a row nor an alias, nor a synonym of one.
const GateRow& gate_row(std::string_view name);

struct ResolvedGate {
  const GateRow* row;
  int controls;
};
ResolvedGate resolve_gate(std::string_view name);

}  // namespace qsim
