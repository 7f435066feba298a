#include "qsim/engines/tiles/engine.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "qsim/state/parts.h"

namespace qsim {

template <class T>
Slicing TileEngine<T>::slicing(const Batch& /*batch*/) const {
  // Amplitudes times steps; those between polls take some tens of milliseconds.
  constexpr double kWorthThreads = 1 << 20;
  constexpr double kBetweenPolls = 1 << 26;
  const int n = this->program().n_qubits;
  const std::size_t runs = std::max<std::size_t>(this->needs().n_bras, 1);
  const bool is_narrow = part_count(n) == 1;
  return {.samples = 1,
          .work = std::ldexp(static_cast<double>((this->program().steps.size() + 1) * runs), n),
          .worth_threads = is_narrow ? kWorthThreads : std::numeric_limits<double>::infinity(),
          .between_polls = kBetweenPolls};
}

template class TileEngine<float>;
template class TileEngine<double>;

}  // namespace qsim
