#include "qsim/core/processors.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "qsim/core/control_group.h"
#include "qsim/core/parallel.h"
#include "tests/catch.h"
#include "tests/scratch_path.h"

namespace {

using qsim::share_of;

constexpr double kNone = std::numeric_limits<double>::infinity();

// A file system of its own with what a kernel would say.
class System {
 public:
  System() : root_(reference::scratch_path("ketgrad_processors_test")) {
    std::filesystem::remove_all(root_);
  }
  ~System() { std::filesystem::remove_all(root_); }
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  System& file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
    return *this;
  }
  [[nodiscard]] qsim::GroupProcessors found() const { return qsim::group_processors(root_); }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace

TEST_CASE("control groups of version 2 have quotas and sets of processors", "[processors]") {
  System system;
  CHECK(system.found().quota == kNone);
  CHECK(system.found().in_set == kNone);
  system
      .file("proc/self/mountinfo",
            "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n")
      .file("proc/self/cgroup", "0::/user/app\n");
  const std::string group = "sys/fs/cgroup/user/";
  system.file(group + "app/cpu.max", "max 100000\n");
  CHECK(system.found().quota == kNone);
  system.file(group + "app/cpu.max", "250000 100000\n");
  CHECK(system.found().quota == 2.5);
  system.file(group + "cpu.max", "50000 100000\n");  // one around it
  CHECK(system.found().quota == 0.5);
  system.file(group + "app/cpuset.cpus.effective", "0-2,5,8-9\n");
  CHECK(system.found().in_set == 6);
  CHECK(qsim::this_machine(system.root()).quota == 0.5);
}

TEST_CASE("control groups of version 1 have quotas and sets of processors", "[processors]") {
  System system;
  system
      .file("proc/self/mountinfo",
            "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
            "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n")
      .file("proc/self/cgroup", "5:cpuset:/box\n4:cpu,cpuacct:/box\n");
  const std::string group = "sys/fs/cgroup/cpu,cpuacct/box/";
  system.file(group + "cpu.cfs_quota_us", "-1\n").file(group + "cpu.cfs_period_us", "100000\n");
  CHECK(system.found().quota == kNone);
  system.file(group + "cpu.cfs_quota_us", "150000\n");
  CHECK(system.found().quota == 1.5);
  system.file("sys/fs/cgroup/cpuset/box/cpuset.effective_cpus", "3\n");
  CHECK(system.found().in_set == 1);
}

TEST_CASE("files of control groups that cannot be read are no limit", "[processors]") {
  System system;
  system.file("proc/self/mountinfo", "31 24 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
      .file("proc/self/cgroup", "0::/\n")
      .file("sys/fs/cgroup/cpu.max", "many 0\n")
      .file("sys/fs/cgroup/cpuset.cpus.effective", "\n");
  CHECK(system.found().quota == kNone);
  CHECK(system.found().in_set == kNone);
  system.file("sys/fs/cgroup/cpu.max", "100000 0\n");
  CHECK(system.found().quota == kNone);
}

TEST_CASE("a process takes its share of a machine", "[processors]") {
  // Alone: what it may run on, as far as the quota goes.
  CHECK(share_of({.processors = 8, .shared = 16}).threads == 8);
  CHECK(share_of({.processors = 8, .shared = 16, .quota = 2.5}).threads == 3);
  CHECK(share_of({.processors = 2, .shared = 16, .quota = 2.5}).threads == 2);
  CHECK(share_of({.processors = 8, .shared = 8, .quota = 0.1}).threads == 1);

  // One of several: of the machine or the quota, but an affinity is its own.
  const auto among = [](qsim::Machine machine, int processes) {
    machine.processes = processes;
    machine.launcher = "OMPI_COMM_WORLD_LOCAL_SIZE";
    return share_of(machine);
  };
  CHECK(among({.processors = 16, .shared = 16}, 4).threads == 4);
  CHECK(among({.processors = 16, .shared = 16}, 5).threads == 3);
  CHECK(among({.processors = 16, .shared = 16}, 32).threads == 1);
  CHECK(among({.processors = 4, .shared = 16}, 4).threads == 4);  // bound to four each
  CHECK(among({.processors = 4, .shared = 4}, 4).threads == 1);   // a container of four
  CHECK(among({.processors = 16, .shared = 16, .quota = 6}, 3).threads == 2);
  CHECK(among({.processors = 16, .shared = 16}, 4).why ==
        "a share of 16 processors, as OMPI_COMM_WORLD_LOCAL_SIZE=4");
  CHECK(among({.processors = 4, .shared = 16}, 4).why == "4 processors to run on");
}

TEST_CASE("the number of threads says where it is from", "[processors]") {
  qsim::set_num_threads(3);
  CHECK(qsim::thread_share().threads == 3);
  CHECK(qsim::thread_share().why == "set_num_threads");
  qsim::set_num_threads(0);
  CHECK(qsim::thread_share().threads == qsim::num_threads());
}
