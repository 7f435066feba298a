#pragma once

#include <cstdint>
#include <filesystem>

namespace qsim {

// Bytes that the control groups this process is in, of version 1 or 2, and all groups around them
// leave it; the largest number there is where none sets a limit. `root` is where /proc and /sys
// are, for tests.
std::uint64_t group_available(const std::filesystem::path& root = "/");

}  // namespace qsim
