#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qsim/circuit/circuit.h"

// Sums in a register that qft(n, false, false) has transformed: qubit t of |x⟩ then has the phase
// 2π·x/2^(t+1) on |1⟩, to which phases add.

namespace qsim {

// Adds ±value where all controls hold.
void add_phases(Circuit& circuit, std::span<const Qubit> sum, std::int64_t value,
                const std::vector<Control>& controls = {});

// Adds ±the number in another register of no more qubits.
void add_register(Circuit& circuit, std::span<const Qubit> sum, std::span<const Qubit> addend,
                  bool subtract = false);

}  // namespace qsim
