#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "qml/gradients/batch.h"
#include "qml/gradients/block_sweep.h"
#include "qml/gradients/evaluate.h"
#include "qsim/observables/block_observables.h"
#include "qsim/state/state.h"

namespace qml {

// Programs of up to qsim::kMostBlockQubits qubits run in blocks of samples (8 in double precision,
// 16 in single), but for batches so small that one sample at a time is faster
// (layered_workspace.h).
template <class T>
bool runs_in_blocks(const qsim::Program& program, const Batch& batch);

// What runs read back from a block sweep need.
struct SweepNeeds {
  std::size_t n_bras = 0;   // none: no sweeps
  bool per_sample = false;  // derivatives by weights apart for each sample
};

// What one thread needs to run blocks.
template <class T>
class BlockWorker {
 public:
  BlockWorker(const qsim::SharedBinding<T>& shared, const SweepNeeds& needs);

  [[nodiscard]] qsim::Block<T>& block() { return block_; }
  [[nodiscard]] BlockSweep<T>& sweep() { return *sweep_; }

  // Values of all samples, row by row, after a forward run; `first` numbers the first sample.
  void values(Quantity quantity, const Sampling& sampling, std::size_t first,
              std::span<double> out);
  // Fills a bra of the sweep from the cotangents of all samples, row by row.
  void fill_bra(std::size_t bra, Quantity quantity, std::span<const double> cotangents);
  // One sample's state.
  const qsim::State<T>& state(qsim::Index lane);

 private:
  const qsim::SharedBinding<T>* shared_;
  qsim::Block<T> block_;
  qsim::BlockObservables<T> observables_;
  std::optional<BlockSweep<T>> sweep_;
  std::vector<double> numbers_;              // a half row an observable
  std::optional<qsim::State<T>> state_;      // of one sample
  std::optional<qsim::State<T>> bra_state_;  // likewise
};

// Calls body(first, worker) for every block of the batch, bound to its parameters, `first` being
// the number of its first sample: on all threads. Then finish(shared) once.
template <class T>
void for_blocks(const qsim::Program& program, const Batch& batch, const SweepNeeds& needs,
                const std::function<void(std::size_t, BlockWorker<T>&)>& body,
                const std::function<void(const qsim::SharedBinding<T>&)>& finish = {});

}  // namespace qml
