#include "qsim/engines/stages/engine.h"

#include <limits>

namespace qsim {

// The few samples come one after the other, and interrupts after each.
template <class T>
Slicing StageEngine<T>::slicing(const Batch& /*batch*/) const {
  return {.samples = 1,
          .work = 1.0,
          .worth_threads = std::numeric_limits<double>::infinity(),
          .between_polls = 0.0};
}

template class StageEngine<float>;
template class StageEngine<double>;

}  // namespace qsim
