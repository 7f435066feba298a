#pragma once

#include <complex>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "qsim/circuit/circuit.h"
#include "qsim/circuit/named_values.h"
#include "qsim/state/state.h"

// What a page asks and is answered, as JSON (module.cc has the list of functions).

namespace web {

using Json = nlohmann::json;

// More would make a page wait, and a telephone run out of memory.
inline constexpr int kMostQubits = 16;

// Numbers that are too many for text: {"at": address, "size": count of doubles} in the module's
// memory, where they stay until the same list is filled again.
Json in_memory(std::span<const double> numbers);

// ValueError for more than kMostQubits; `what` has them: "the circuit".
void check_size(const qsim::Circuit& circuit, std::string_view what);

// {"n_qubits": …, "amplitudes": in memory (real, imaginary, …), "probabilities": in memory,
//  "bloch": [[x, y, z], …]}, of the state that a circuit without measurements prepares.
Json state_of(const qsim::Circuit& circuit, const qsim::Values& values);

}  // namespace web
