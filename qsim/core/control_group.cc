#include "qsim/core/control_group.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

// Where the kernel says what: /proc/self/cgroup names this process's group in every hierarchy,
// /proc/self/mountinfo where in the file system a hierarchy is, and from which of its groups on.
// Every group on the way from there down to the process's own may set a limit.

namespace qsim {
namespace {

using Path = std::filesystem::path;

// What the files of a version are called.
struct FileNames {
  std::array<const char*, 2> limits;
  const char* used;
  const char* cache;  // in memory.stat: what the kernel gives up for those who ask
};
constexpr FileNames kVersion1{
    {"memory.limit_in_bytes", ""}, "memory.usage_in_bytes", "total_inactive_file"};
constexpr FileNames kVersion2{{"memory.max", "memory.high"}, "memory.current", "inactive_file"};

// "max" does not parse as a number and reads as unlimited.
std::uint64_t read_number(const Path& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? value : kUnlimited;
}

std::uint64_t read_cache(const Path& path, std::string_view key) {
  std::ifstream file(path);
  std::string name;
  std::uint64_t value = 0;
  while (file >> name >> value) {
    if (name == key) return value;
  }
  return 0;
}

std::uint64_t left_in(const Path& group, const FileNames& names) {
  std::uint64_t limit = kUnlimited;
  for (const char* const name : names.limits) {
    if (*name != '\0') limit = std::min(limit, read_number(group / name));
  }
  const std::uint64_t used = read_number(group / names.used);
  if (limit == kUnlimited || used == kUnlimited) return kUnlimited;
  const std::uint64_t needed =
      used - std::min(used, read_cache(group / "memory.stat", names.cache));
  return limit > needed ? limit - needed : 0;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) out.push_back(part);
  return out;
}

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

// A hierarchy that is mounted: from which of its groups on, and where.
struct Mount {
  bool version2 = false;
  Path from;
  Path at;
};

// A line is "36 35 98:0 /from /at options … - type source options".
std::optional<Mount> mount_of(const std::string& line) {
  const std::vector<std::string> fields = split(line, ' ');
  const auto dash = std::ranges::find(fields, "-");
  constexpr std::ptrdiff_t kFrom = 3;
  constexpr std::ptrdiff_t kAt = 4;
  if (dash - fields.begin() <= kAt || fields.end() - dash < 2) return {};
  const std::string& type = dash[1];
  const bool version2 = type == "cgroup2";
  const bool version1 =
      type == "cgroup" && fields.end() - dash >= 4 && has(split(dash[3], ','), "memory");
  if (!version1 && !version2) return {};
  return Mount{version2, fields[kFrom], fields[kAt]};
}

// The process's group in a version, if it is in one that counts memory: "0::/group" of version 2,
// "4:memory:/group" of version 1.
std::optional<Path> own_group(const Path& root, bool version2) {
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (version2 ? controllers.empty() : has(split(controllers, ','), "memory")) {
      return Path(line.substr(second + 1));
    }
  }
  return {};
}

// The smallest that the groups from a mount down to the process's own leave.
std::uint64_t left_under(const Path& root, const Mount& mount) {
  const auto own = own_group(root, mount.version2);
  if (!own) return kUnlimited;
  const FileNames& names = mount.version2 ? kVersion2 : kVersion1;
  Path group = root / mount.at.relative_path();
  std::uint64_t out = left_in(group, names);
  // Of a group outside of what is mounted, as in some containers, only the mount is known.
  const Path below = own->lexically_relative(mount.from);
  for (const Path& part : below) {
    if (part == "..") break;
    group /= part;
    out = std::min(out, left_in(group, names));
  }
  return out;
}

}  // namespace

std::uint64_t group_available(const Path& root) {
  std::uint64_t out = kUnlimited;
  std::ifstream file(root / "proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    if (const auto mount = mount_of(line)) out = std::min(out, left_under(root, *mount));
  }
  return out;
}

}  // namespace qsim
