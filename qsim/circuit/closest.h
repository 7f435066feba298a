#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// Names that may have been meant, for messages.

namespace qsim {

// "'a', 'b', …": the first few names.
std::string quoted(std::span<const std::string> names);

// The names, those closest to one first.
std::vector<std::string> by_distance(std::string_view name, std::vector<std::string> names);

}  // namespace qsim
