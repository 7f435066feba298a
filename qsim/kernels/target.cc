#include <hwy/highway.h>

#include <cstdlib>

#include "qsim/core/error.h"
#include "qsim/kernels/kernels.h"

namespace qsim {
namespace {

// What the kernels were compiled for (see CMakeLists.txt) and the processor can run. Asked once:
// SupportedTargets() also resets Highway's choice to the best of them.
std::int64_t usable_targets() {
  static const std::int64_t targets = [] {
    const std::int64_t of_processor = hwy::SupportedTargets();
    if constexpr (HWY_ARCH_X86) {
      require((of_processor & HWY_STATIC_TARGET) != 0, "ketgrad was built (KETGRAD_NATIVE) for ",
              hwy::TargetName(HWY_STATIC_TARGET), ", which this processor has not: build it here");
    }
    return (of_processor | HWY_STATIC_TARGET) & HWY_TARGETS;
  }();
  return targets;
}

void choose(std::string_view name) {
  const std::int64_t targets = usable_targets();
  if (name.empty()) return hwy::GetChosenTarget().Update(targets);
  for (std::int64_t rest = targets; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    if (name == hwy::TargetName(target)) return hwy::GetChosenTarget().Update(target);
  }
  std::string known;
  for (const std::string& target : simd_targets()) known += (known.empty() ? "" : ", ") + target;
  fail("there is no SIMD target '", name, "' here; there is ", known);
}

}  // namespace

std::vector<std::string> simd_targets() {
  const std::int64_t targets = usable_targets();
  std::vector<std::string> names;
  for (std::int64_t rest = targets; rest != 0; rest &= rest - 1) {
    names.emplace_back(hwy::TargetName(rest & -rest));
  }
  return names;
}

std::string highway_version() { return concat(HWY_MAJOR, ".", HWY_MINOR, ".", HWY_PATCH); }

void apply_environment_target() {
  static const bool applied = [] {
    const char* name = std::getenv("KETGRAD_TARGET");  // NOLINT(concurrency-mt-unsafe)
    choose(name == nullptr ? "" : name);
    return true;
  }();
  (void)applied;
}

void set_simd_target(std::string_view name) {
  apply_environment_target();  // so that the first kernel does not undo the choice
  choose(name);
}

}  // namespace qsim
