#pragma once

#include <string_view>

namespace qsim {

// Columns that a terminal gives a character: 2 for 日, 0 for combining marks.
int display_width(char32_t c);

// Those of UTF-8 text.
int display_width(std::string_view text);

}  // namespace qsim
