#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "qsim/engines/blocks/observables.h"
#include "qsim/engines/blocks/shifted_block.h"
#include "qsim/state/state.h"

namespace qsim {

// Circuits that differ in the angle of one gate and come out of the same runs: the final state of
// each is a combination of that of the circuit as it stands and those with the angle of slot `slot`
// shifted by `shifts`.
struct ShiftedCircuits {
  int slot = 0;
  std::vector<double> shifts{};
  std::vector<std::vector<Complex>> combinations{};  // of the unshifted state and of the others
};

// Runs the shifted circuits of one sample after another, each in a lane of a block. One a thread.
template <class T>
class ShiftLanes {
 public:
  // The most shifts of a slot.
  static constexpr std::size_t kMostShifts = kMostCombined - 1;

  // The program has no inputs, as all lanes run the same sample.
  explicit ShiftLanes(const Program& program);
  static double bytes(int n_qubits);

  // The slots in the order in which they are to come.
  [[nodiscard]] const std::vector<int>& order() const { return block_.order(); }

  // Binds a sample and returns its final state.
  const State<T>& start(std::span<const double> parameters);

  // Which of the circuits that run side by side: the c-th of entry `job` of what run() was given.
  struct Which {
    std::size_t job = 0;
    std::size_t circuit = 0;
  };
  // Calls read(which, values) with the expectation values of every circuit, in order.
  using ReadValues = std::function<void(Which, std::span<const double>)>;
  void run_values(std::span<const ShiftedCircuits> jobs, const ReadValues& read);
  // The same with its final state.
  using ReadState = std::function<void(Which, const State<T>&)>;
  void run_states(std::span<const ShiftedCircuits> jobs, const ReadState& read);

 private:
  using Jobs = std::span<const ShiftedCircuits>;
  template <class Read>
  void run(Jobs jobs, const Read& read_lanes);
  template <class Read>
  void run_block(Jobs jobs, std::size_t first, const Read& read_lanes);
  void combine(Jobs jobs, std::size_t circuit, std::span<const T* const> states);

  BlockPlan plan_;
  SharedBinding<T> shared_;
  ShiftedBlock<T> block_;
  BlockObservables<T> observables_;
  AlignedArray<T> combined_;
  AlignedArray<T> weights_;      // rows
  std::vector<double> numbers_;  // a half row an observable
  std::vector<double> values_;   // of one lane
  State<T> state_;               // of one lane
  std::vector<LaneShift> shifts_;
};

extern template class ShiftLanes<float>;
extern template class ShiftLanes<double>;

}  // namespace qsim
