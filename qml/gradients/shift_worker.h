#pragma once

#include <optional>
#include <span>
#include <vector>

#include "qml/gradients/shifted_values.h"
#include "qsim/execute/shifted_block.h"
#include "qsim/observables/block_observables.h"
#include "qsim/state/state.h"

namespace qml {

// What one thread needs to run the shifted circuits of one sample after another, each in a lane of
// a block.
template <class T>
class ShiftWorker {
 public:
  // The most runs of a job.
  static constexpr std::size_t kMostShifts = qsim::kMostCombined - 1;

  // The program has no inputs, as all lanes run the same sample.
  explicit ShiftWorker(const qsim::Program& program);
  static double bytes(int n_qubits);

  // The slots in the order in which jobs are to come.
  [[nodiscard]] const std::vector<int>& order() const { return block_.order(); }

  // To be called first of all; the task is that of the program with inputs.
  void begin(const ShiftTask& task);
  // Binds a sample and returns its exact values.
  std::span<const double> start(std::size_t sample, std::span<const double> parameters);
  void run(std::span<const ShiftJob> jobs, SlotSums& sums);

 private:
  void run_block(std::span<const ShiftJob> jobs, SlotSums& sums);
  void combine(std::span<const ShiftJob> jobs, std::size_t c, std::span<const T* const> states);
  void read(std::span<const ShiftJob> jobs, std::size_t c, SlotSums& sums);

  qsim::SharedBinding<T> shared_;
  qsim::ShiftedBlock<T> block_;
  qsim::BlockObservables<T> observables_;
  qsim::AlignedArray<T> combined_;
  qsim::AlignedArray<T> weights_;  // rows
  std::vector<double> numbers_;    // a half row an observable
  qsim::State<T> state_;           // of one lane
  std::vector<qsim::LaneShift> shifts_;
  const ShiftTask* task_ = nullptr;
  std::optional<ShiftedValues<T>> values_;
};

extern template class ShiftWorker<float>;
extern template class ShiftWorker<double>;

}  // namespace qml
