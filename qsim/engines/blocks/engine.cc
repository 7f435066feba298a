#include "qsim/engines/blocks/engine.h"

#include <algorithm>
#include <cmath>

#include "qsim/engines/blocks/worker.h"

namespace qsim {

template <class T>
BlockEngine<T>::BlockEngine(const Program& program, const Batch& batch, const Needs& needs)
    : Engine<T>(program),
      needs_(needs),
      plan_(program, batch.weights_per_sample,
            batch.initial_states.empty() ? Start::kPrepared : Start::kAnyState),
      shared_(plan_) {
  needs_.n_bras = std::min(needs_.n_bras, kMostBlockBras);
}

template <class T>
void BlockEngine<T>::bind(const Batch& batch) {
  shared_.bind(batch.weights_per_sample ? Numbers() : batch.weights);
}

template <class T>
Slicing BlockEngine<T>::slicing(const Batch& /*batch*/) const {
  // Amplitudes times stages.
  constexpr double kWorthThreads = 1 << 15;
  constexpr double kBetweenPolls = 1 << 25;
  const std::size_t passes = (plan_.stages.size() + 1) * (needs_.n_bras + 1);
  return {.samples = kBlock<T>,
          .work = std::ldexp(static_cast<double>(passes * kBlock<T>), this->program().n_qubits),
          .worth_threads = kWorthThreads,
          .between_polls = kBetweenPolls};
}

template <class T>
void BlockEngine<T>::finish(std::span<double> sums, std::span<double> weights) const {
  const Program& program = this->program();
  program.tape.reverse_some(plan_.same_entries, shared_.values(), sums);
  std::ranges::copy(sums.subspan(program.inputs.size(), weights.size()), weights.begin());
}

template <class T>
std::unique_ptr<Worker<T>> BlockEngine<T>::make_worker() const {
  return std::make_unique<BlockWorker<T>>(shared_, needs_);
}

template <class T>
double BlockEngine<T>::worker_bytes() const {
  return Block<T>::bytes(shared_, needs_.n_bras > 0) + BlockSweep<T>::bytes(shared_, needs_.n_bras);
}

template class BlockEngine<float>;
template class BlockEngine<double>;

}  // namespace qsim
