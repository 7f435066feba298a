#include "qsim/engines/stages/engine.h"

#include <limits>

#include "qsim/engines/sample_worker.h"

namespace qsim {

// The few samples come one after the other, and interrupts after each.
template <class T>
Slicing StageEngine<T>::slicing(const Batch& /*batch*/) const {
  return {.samples = 1,
          .work = 1.0,
          .worth_threads = std::numeric_limits<double>::infinity(),
          .between_polls = 0.0};
}

template <class T>
std::unique_ptr<Worker<T>> StageEngine<T>::make_worker() const {
  return std::make_unique<SampleWorker<T, StageWorkspace<T>>>(this->program(), needs_);
}

template <class T>
double StageEngine<T>::worker_bytes() const {
  return StageWorkspace<T>::bytes(this->program());
}

template class StageEngine<float>;
template class StageEngine<double>;

}  // namespace qsim
