#include "qsim/core/memory.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "qsim/core/control_group.h"
#include "qsim/core/error.h"
#include "tests/catch.h"
#include "tests/dense_reference.h"
#include "tests/scratch_path.h"

namespace {

using qsim::group_available;

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// A file system of its own with what a kernel would say.
class Machine {
 public:
  Machine() : root_(reference::scratch_path("ketgrad_memory_test")) {
    std::filesystem::remove_all(root_);
  }
  ~Machine() { std::filesystem::remove_all(root_); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  Machine& file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
    return *this;
  }
  [[nodiscard]] std::uint64_t available() const { return group_available(root_); }

 private:
  std::filesystem::path root_;
};

constexpr const char* kMount2 =
    "24 1 0:22 / /proc rw - proc proc rw\n"
    "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";
constexpr const char* kMount1 =
    "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

}  // namespace

TEST_CASE("control groups of version 2 limit memory, and so do those around them", "[memory]") {
  Machine machine;
  CHECK(machine.available() == kUnlimited);  // no such files
  machine.file("proc/self/mountinfo", kMount2).file("proc/self/cgroup", "0::/user/app\n");
  CHECK(machine.available() == kUnlimited);
  const std::string group = "sys/fs/cgroup/user/";
  machine.file(group + "app/memory.max", "max\n").file(group + "app/memory.current", "300\n");
  CHECK(machine.available() == kUnlimited);
  machine.file(group + "app/memory.max", "1000\n");
  CHECK(machine.available() == 700);
  machine.file(group + "app/memory.high", "800\n");
  CHECK(machine.available() == 500);
  machine.file(group + "app/memory.stat", "anon 200\ninactive_file 100\n");
  CHECK(machine.available() == 600);  // what is cached goes when it is needed
  machine.file(group + "memory.max", "2000\n").file(group + "memory.current", "1950\n");
  CHECK(machine.available() == 50);
  machine.file(group + "memory.current", "2100\n");
  CHECK(machine.available() == 0);
}

TEST_CASE("control groups of version 1 limit memory", "[memory]") {
  Machine machine;
  machine.file("proc/self/mountinfo", kMount1)
      .file("proc/self/cgroup", "5:cpu:/other\n4:memory:/box\n0::/\n");
  const std::string group = "sys/fs/cgroup/memory/";
  machine.file(group + "memory.limit_in_bytes", "9223372036854771712\n")
      .file(group + "memory.usage_in_bytes", "100\n")
      .file(group + "box/memory.limit_in_bytes", "5000\n")
      .file(group + "box/memory.usage_in_bytes", "2000\n");
  CHECK(machine.available() == 3000);
  machine.file(group + "box/memory.stat", "cache 900\ntotal_inactive_file 500\n");
  CHECK(machine.available() == 3500);
  machine.file(group + "memory.limit_in_bytes", "1100\n");
  CHECK(machine.available() == 1000);
}

TEST_CASE("in a container the mount may begin at the process's own group", "[memory]") {
  Machine machine;
  machine.file("sys/fs/cgroup/memory/memory.limit_in_bytes", "5000\n")
      .file("sys/fs/cgroup/memory/memory.usage_in_bytes", "2000\n")
      .file("proc/self/mountinfo",
            "35 31 0:32 /docker/a1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  for (const char* const own : {"/docker/a1", "/", "/elsewhere/b2"}) {
    machine.file("proc/self/cgroup", std::string("4:memory:") + own + "\n");
    CHECK(machine.available() == 3000);
  }
}

TEST_CASE("files that make no sense set no limit", "[memory]") {
  Machine machine;
  machine.file("proc/self/mountinfo", "x\n1 2 3\n31 24 0:27 / /sys/fs/cgroup rw -\n - cgroup2\n\n")
      .file("proc/self/cgroup", "nothing\n:\n0::\n");
  CHECK(machine.available() == kUnlimited);
  machine.file("proc/self/mountinfo", kMount2)
      .file("sys/fs/cgroup/memory.max", "many\n")
      .file("sys/fs/cgroup/memory.current", "-\n");
  CHECK(machine.available() == kUnlimited);
}

TEST_CASE("what is available is asked for before it is taken", "[memory]") {
  CHECK(qsim::available_memory() > 0);
  const auto error = reference::error_of<qsim::MemoryError>(
      [] { qsim::require_memory(1e18, "a very large thing"); });
  CHECK(reference::contains(error, "a very large thing needs 1000000000000000000 bytes"));
  CHECK(reference::contains(error, "are available"));
}
