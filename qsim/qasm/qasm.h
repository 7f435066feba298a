#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"

// OpenQASM 2 and 3; docs/qasm.md says what is read and written. Readers take nothing on trust:
// whatever is wrong, or outside of what is read, is a ValueError that gives file, line, column, the
// word found and what was expected.

namespace qsim {

struct QasmOptions {
  int version = 0;              // 0: what the header says
  bool strict = false;          // version 2 to the letter of its specification
  std::string name = "<qasm>";  // of the file, for messages
  // Most operations that a file may make; those on many wires count several times.
  std::int64_t max_operations = 10'000'000;
  // How often the body of a `while` on measured bits is there at most: what would go on behind the
  // last round does not. Without (0), one that does not end by itself is refused.
  std::int64_t max_rounds = 0;
  // Values of the file's inputs, by their names. Whole numbers and bits have to be among them, as
  // they decide what the circuit is; numbers that are not are its parameters.
  std::map<std::string, double> inputs{};
  // Receives, with its place, what is dropped though it may have been meant to do something:
  // pragmas and calibrations.
  std::vector<std::string>* notes = nullptr;
};

Circuit circuit_from_qasm(std::string_view text, const QasmOptions& options = {});

// Reads back equal (in version 2, where no control is on |0⟩). ValueError for what the version
// cannot hold.
std::string to_qasm(const Circuit& circuit, int version = 3);

}  // namespace qsim
