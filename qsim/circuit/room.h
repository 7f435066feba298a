#pragma once

#include <cstddef>
#include <string_view>

namespace qsim {

// Asks for the memory of so many operations on a few qubits each, before they are made. MemoryError
// naming it otherwise; `what` says what they are.
void require_operations(double count, std::string_view what);

// The same for names of parameters.
void require_names(double count, std::string_view what);

// The same for expressions, each of a number of its own.
void require_expressions(double count, std::string_view what);

// ValueError unless initialize() takes so many amplitudes on so many qubits.
void require_amplitudes(std::size_t count, std::size_t n_qubits);

}  // namespace qsim
