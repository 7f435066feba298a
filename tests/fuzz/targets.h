#pragma once

#include <string_view>

// What the fuzzers feed: each reads a text that may be anything, and aborts where what was read
// does not come through a round trip. Only errors of the documented kinds may leave the readers.

namespace fuzz {

void qasm2(std::string_view text);
void qasm3(std::string_view text);
void pauli(std::string_view text);
void json(std::string_view text);

}  // namespace fuzz
