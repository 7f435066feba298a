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

// What the same groups leave it of the machine's processors; infinity for no limit.
struct GroupProcessors {
  double quota;   // of their time: 1.5 where 1.5 s of it may be used in every second
  double in_set;  // so many, for all processes of the groups together
};
GroupProcessors group_processors(const std::filesystem::path& root = "/");

}  // namespace qsim
