#pragma once

#include <string_view>
#include <vector>

namespace qsim {

// What a terminal shows as one: a character and what joins it, such as an accent, the other half of
// a flag or 👩, ZWJ, 🔬.
struct Cluster {
  std::u32string_view text;
  int width;  // columns; 0 for what joins and stands first
};

// A text in clusters, by the rules of wcwidth's wcswidth().
std::vector<Cluster> clusters(std::u32string_view text);

// Columns that a terminal gives a text in UTF-8: 2 for 日, 0 for combining marks.
int display_width(std::string_view text);

}  // namespace qsim
