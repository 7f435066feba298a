#include "qsim/core/processors.h"

#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <thread>

#include "qsim/core/control_group.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

// How many processes of a run are on this machine, as launchers tell them: Open MPI, MPICH and
// Intel MPI, MVAPICH.
constexpr std::array kLauncherVariables{"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS",
                                        "MV2_COMM_WORLD_LOCAL_SIZE"};

// A whole positive number, or 0.
int number_in(std::string_view text) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() ? std::max(out, 0) : 0;
}

int processors_online() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int processors_allowed() {
#ifdef __linux__
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return processors_online();
}

}  // namespace

Machine this_machine(const std::filesystem::path& root) {
  const GroupProcessors group = group_processors(root);
  Machine out{.processors = processors_allowed(),
              .shared = static_cast<int>(std::min<double>(processors_online(), group.in_set)),
              .quota = group.quota};
  for (const char* const name : kLauncherVariables) {
    const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    if (text == nullptr || number_in(text) == 0) continue;
    out.processes = number_in(text);
    out.launcher = name;
    break;
  }
  return out;
}

ThreadShare share_of(const Machine& machine) {
  ThreadShare out{
      machine.processors,
      concat(counted(static_cast<std::size_t>(machine.processors), "processor"), " to run on")};
  if (machine.quota < out.threads) {
    out = {static_cast<int>(std::ceil(machine.quota)),
           concat("a quota of ", machine.quota, " processors")};
  }
  if (machine.processes == 1) return out;
  const int whole = static_cast<int>(std::min<double>(machine.shared, std::ceil(machine.quota)));
  const int share = std::max(1, whole / machine.processes);
  if (share < out.threads) {
    out = {share, concat("a share of ", counted(static_cast<std::size_t>(whole), "processor"),
                         ", as ", machine.launcher, "=", machine.processes)};
  }
  return out;
}

}  // namespace qsim
