#include "qsim/core/memory.h"

#ifdef __linux__
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "qsim/core/control_group.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

// The number behind "MemAvailable:" in kB; unlimited where the system does not say.
std::uint64_t machine_available() {
  constexpr std::uint64_t kKibi = 1024;
  std::ifstream file("/proc/meminfo");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string key;
    std::uint64_t kilobytes = 0;
    if (fields >> key >> kilobytes && key == "MemAvailable:") return kilobytes * kKibi;
  }
  return kUnlimited;
}

#ifdef __linux__
// What a limit on this process leaves beside the pages that it counts already.
template <class Resource>  // an int, or of its own type
std::uint64_t left_of(Resource resource, std::uint64_t pages) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return kUnlimited;
  }
  const auto used = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

// Of the address space, and of the pages that can be written.
std::uint64_t limits_available() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t skipped = 0;
  std::uint64_t data = 0;
  if (!(file >> all >> skipped >> skipped >> skipped >> skipped >> data)) return kUnlimited;
  return std::min(left_of(RLIMIT_AS, all), left_of(RLIMIT_DATA, data));
}
#else
std::uint64_t limits_available() { return kUnlimited; }
#endif

std::string human(double bytes) {
  constexpr double kStep = 1024.0;
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  while (bytes >= kStep && unit + 1 < std::size(units)) {
    bytes /= kStep;
    ++unit;
  }
  std::ostringstream out;
  out.precision(bytes < 100 ? 3 : 6);
  out << bytes << ' ' << units[unit];
  return out.str();
}

}  // namespace

std::uint64_t available_memory() {
  return std::min({machine_available(), group_available(), limits_available()});
}

namespace {

template <class Hint>
void require_available(double bytes, const std::string& what, const Hint& hint) {
  constexpr double kAlwaysFits = 1 << 26;  // asking takes longer than allocating so little
  if (bytes <= kAlwaysFits) return;
  const auto available = static_cast<double>(available_memory());
  if (bytes <= available) return;
  fail<MemoryError>(what, " needs ", in_full(bytes), " bytes (", human(bytes), "), but only ",
                    human(available), " are available", hint(available));
}

}  // namespace

void require_memory(double bytes, const std::string& what) {
  require_available(bytes, what, [](double) { return ""; });
}

void require_memory_of_qubits(double bytes, const std::string& what, int n_qubits) {
  require_available(bytes, what, [&](double available) {
    const int too_many = static_cast<int>(std::ceil(std::log2(bytes / available)));
    return concat(", enough for ", std::max(0, n_qubits - too_many), " qubits");
  });
}

void prefer_huge_pages(void* block, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr std::size_t kHugePage = std::size_t{1} << 21;
  void* first = block;
  std::size_t space = bytes;
  // Of a smaller block there may be no whole huge page.
  if (bytes < 2 * kHugePage || std::align(kHugePage, kHugePage, first, space) == nullptr) return;
  ::madvise(first, space / kHugePage * kHugePage, MADV_HUGEPAGE);
#else
  static_cast<void>(block);
  static_cast<void>(bytes);
#endif
}

}  // namespace qsim
