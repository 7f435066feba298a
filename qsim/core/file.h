#pragma once

#include <string>
#include <string_view>

namespace qsim {

// The whole of a text file. Throws std::runtime_error naming the path.
std::string read_file(const std::string& path);

// Writes a file as a whole or not at all: readers, and whoever starts again after a crash, see the
// old text or the new one. Throws std::runtime_error naming the path.
void write_file(const std::string& path, std::string_view text);

}  // namespace qsim
