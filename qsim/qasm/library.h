#pragma once

#include "qsim/qasm/gates.h"

// The gates that a file may call without defining them, and those that a file we write defines.

namespace qsim::qasm {

// Every row and name of the gate table, and what the libraries of OpenQASM (qelib1.inc with the
// gates that Qiskit added, stdgates.inc) have beside them.
const GateSet& library(int version);
// U and CX alone, which version 2 has without any library.
const GateSet& language_gates();

// What writes a row under n controls on |1⟩: the name, and how a file defines it (or nothing where
// the version's library has it). Without a name where there is none.
struct Spelling {
  std::string name{};
  std::string definition{};
};
Spelling spelling(const GateRow& row, std::size_t n_controls, int version);
Spelling pauli_spelling(std::string_view letters);

// Whether the library that files include has a gate of that name.
bool is_library_name(std::string_view name, int version);

// "XY" for "pauli_xy", and the gate of that name; nothing for other names.
std::string pauli_letters(std::string_view name);
Gate pauli_gate(std::string_view letters);

}  // namespace qsim::qasm
