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

std::uint64_t memory_left_in(const Path& group, bool version2) {
  const FileNames& names = version2 ? kVersion2 : kVersion1;
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

// Of every `period` microseconds the group runs for `quota`, on all processors together: "150000
// 100000" in one file of version 2, in two of version 1. A quota of "max" or -1 is none.
double processors_in(const Path& group, bool version2) {
  double quota = 0;
  double period = 0;
  if (version2) {
    std::ifstream file(group / "cpu.max");
    file >> quota >> period;
  } else {
    std::ifstream(group / "cpu.cfs_quota_us") >> quota;
    std::ifstream(group / "cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? quota / period : std::numeric_limits<double>::infinity();
}

// The file of a group that has its own or its parents' processors, as "0-3,8".
double processors_of_set(const Path& group, bool version2) {
  std::ifstream file(group / (version2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus"));
  double count = 0;
  for (int first = 0; file >> first;) {
    int last = first;
    if (file.peek() == '-') file.ignore() >> last;
    if (file.peek() == ',') file.ignore();
    count += last - first + 1;
  }
  return count > 0 ? count : std::numeric_limits<double>::infinity();
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
std::optional<Mount> mount_of(const std::string& line, std::string_view controller) {
  const std::vector<std::string> fields = split(line, ' ');
  const auto dash = std::ranges::find(fields, "-");
  constexpr std::ptrdiff_t kFrom = 3;
  constexpr std::ptrdiff_t kAt = 4;
  if (dash - fields.begin() <= kAt || fields.end() - dash < 2) return {};
  const std::string& type = dash[1];
  const bool version2 = type == "cgroup2";
  const bool version1 =
      type == "cgroup" && fields.end() - dash >= 4 && has(split(dash[3], ','), controller);
  if (!version1 && !version2) return {};
  return Mount{version2, fields[kFrom], fields[kAt]};
}

// The process's group in a version, if it is in one that the controller limits: "0::/group" of
// version 2, "4:memory:/group" of version 1.
std::optional<Path> own_group(const Path& root, bool version2, std::string_view controller) {
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (version2 ? controllers.empty() : has(split(controllers, ','), controller)) {
      return Path(line.substr(second + 1));
    }
  }
  return {};
}

// The groups from a mount down to the process's own.
std::vector<Path> groups_under(const Path& root, const Mount& mount, std::string_view controller) {
  const auto own = own_group(root, mount.version2, controller);
  if (!own) return {};
  std::vector<Path> out{root / mount.at.relative_path()};
  // Of a group outside of what is mounted, as in some containers, only the mount is known.
  const Path below = own->lexically_relative(mount.from);
  for (const Path& part : below) {
    if (part == "..") break;
    out.push_back(out.back() / part);
  }
  return out;
}

// The smallest limit(group, whether it is of version 2) of all groups that the process is in.
template <class Number>
Number smallest(const Path& root, std::string_view controller, Number none,
                Number (*limit)(const Path&, bool)) {
  Number out = none;
  std::ifstream file(root / "proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    const auto mount = mount_of(line, controller);
    if (!mount) continue;
    for (const Path& group : groups_under(root, *mount, controller)) {
      out = std::min(out, limit(group, mount->version2));
    }
  }
  return out;
}

}  // namespace

std::uint64_t group_available(const Path& root) {
  return smallest(root, "memory", kUnlimited, &memory_left_in);
}

GroupProcessors group_processors(const Path& root) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  return {.quota = smallest(root, "cpu", kNone, &processors_in),
          .in_set = smallest(root, "cpuset", kNone, &processors_of_set)};
}

}  // namespace qsim
