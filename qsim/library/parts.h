#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"

// What several circuits of the library are made with.

namespace qsim {

// The circuit without its classical bits, with its boxes. ValueError unless it consists of gates
// (and barriers) without conditions; `what` says what it is: "grover: the oracle".
Circuit gates_of(const Circuit& circuit, std::string_view what);

// Before `count` operations with so many controls each are made: MemoryError where they have no
// room.
void require_controlled_operations(double count, double n_controls, std::string_view what);

// The sign of the basis state `index` of the first n qubits: a Z under n − 1 controls, between two
// X where the index has no 1.
void flip_sign(Circuit& circuit, int n_qubits, std::uint64_t index);

// The qubits first … first + count − 1.
std::vector<Qubit> qubit_range(int first, int count);

// The qubits whose bits of a text are 1, the last character for qubit 0. ValueError, naming `what`,
// for an empty text and for other characters.
std::vector<Qubit> ones_of(std::string_view bits, std::string_view what);

}  // namespace qsim
