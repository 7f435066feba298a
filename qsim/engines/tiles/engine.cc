#include "qsim/engines/tiles/engine.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "qsim/engines/sample_worker.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

// Amplitudes times steps; those between polls take some tens of milliseconds.
constexpr double kWorthThreads = 1 << 20;
constexpr double kBetweenPolls = 1 << 26;

}  // namespace

template <class T>
Slicing TileEngine<T>::slicing(const Batch& /*batch*/) const {
  const int n = this->program().n_qubits;
  const std::size_t runs = std::max<std::size_t>(needs_.n_bras, 1);
  const bool is_narrow = part_count(n) == 1;
  return {.samples = 1,
          .work = std::ldexp(static_cast<double>((this->program().steps.size() + 1) * runs), n),
          .worth_threads = is_narrow ? kWorthThreads : std::numeric_limits<double>::infinity(),
          .between_polls = kBetweenPolls};
}

template <class T>
std::unique_ptr<Worker<T>> TileEngine<T>::make_worker() const {
  return std::make_unique<SampleWorker<T, TileWorkspace<T>>>(this->program(), needs_);
}

template <class T>
double TileEngine<T>::worker_bytes() const {
  return TileWorkspace<T>::bytes(this->program(), needs_);
}

template class TileEngine<float>;
template class TileEngine<double>;

}  // namespace qsim
