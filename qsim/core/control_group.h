#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

namespace qsim {

// What stands for no limit.
inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// Bytes that the control groups this process is in, of version 1 or 2, and all groups around them
// leave it; kUnlimited where none sets a limit. `root` is where /proc and /sys are, for tests.
std::uint64_t group_available(const std::filesystem::path& root = "/");

}  // namespace qsim
