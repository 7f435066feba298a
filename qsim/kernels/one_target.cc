// What kernels that are compiled for one target alone need of Highway's library: builds by
// Emscripten, which have its headers only (cmake/web.cmake).

#include <hwy/targets.h>

namespace hwy {

int64_t SupportedTargets() { return HWY_SCALAR; }

ChosenTarget& GetChosenTarget() {
  static ChosenTarget chosen;
  return chosen;
}

}  // namespace hwy
