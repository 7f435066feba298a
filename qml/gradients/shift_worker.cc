#include "qml/gradients/shift_worker.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "qsim/core/interrupt.h"

namespace qml {

using qsim::Index;
using qsim::kBlock;
using qsim::kRow;

template <class T>
ShiftWorker<T>::ShiftWorker(const qsim::Program& program)
    : shared_(program, false),
      block_(shared_, kMostShifts),
      observables_(program.observables, program.n_qubits),
      combined_(qsim::aligned_array<T>(kRow<T> << static_cast<unsigned>(program.n_qubits))),
      weights_(qsim::aligned_array<T>(qsim::kMostCombined * kRow<T>)),
      numbers_(program.observables.size() * kBlock<T>),
      state_(program.n_qubits) {
  state_.set_zero();  // the padding of small states too
}

template <class T>
double ShiftWorker<T>::bytes(int n_qubits) {
  constexpr std::size_t kStates = 12;  // the block's, its walks', an observable's, combined ones
  return std::ldexp(static_cast<double>(kStates * kRow<T> * sizeof(T)), n_qubits);
}

template <class T>
void ShiftWorker<T>::begin(const ShiftTask& task) {
  task_ = &task;
  values_.emplace(task);
}

template <class T>
std::span<const double> ShiftWorker<T>::start(std::size_t sample,
                                              std::span<const double> parameters) {
  shared_.bind(parameters);
  block_.bind();
  qsim::copy_lane(block_.unshifted(), 0, state_);
  return values_->start(sample, state_);
}

template <class T>
void ShiftWorker<T>::run(std::span<const ShiftJob> jobs, SlotSums& sums) {
  for (std::size_t first = 0; first < jobs.size(); first += kBlock<T>) {
    qsim::poll_interrupt();
    run_block(jobs.subspan(first, std::min<std::size_t>(kBlock<T>, jobs.size() - first)), sums);
  }
}

// One job a lane.
template <class T>
void ShiftWorker<T>::run_block(std::span<const ShiftJob> jobs, SlotSums& sums) {
  std::array<const T*, qsim::kMostCombined> states{block_.unshifted()};
  std::size_t n_states = 1;
  for (; n_states <= kMostShifts; ++n_states) {
    shifts_.clear();
    for (Index lane = 0; lane < jobs.size(); ++lane) {
      if (n_states > jobs[lane].shifts.size()) continue;
      shifts_.push_back({lane, jobs[lane].slot, jobs[lane].shifts[n_states - 1]});
    }
    if (shifts_.empty()) break;
    states.at(n_states) = block_.run(shifts_, n_states - 1);
  }
  std::size_t n_circuits = 0;
  for (const ShiftJob& job : jobs) n_circuits = std::max(n_circuits, job.circuits.size());
  for (std::size_t c = 0; c < n_circuits; ++c) {
    combine(jobs, c, std::span<const T* const>(states).first(n_states));
    read(jobs, c, sums);
  }
}

// The final states of the jobs' c-th circuits.
template <class T>
void ShiftWorker<T>::combine(std::span<const ShiftJob> jobs, std::size_t c,
                             std::span<const T* const> states) {
  std::fill_n(weights_.get(), states.size() * kRow<T>, T{0});
  for (Index lane = 0; lane < jobs.size(); ++lane) {
    if (c >= jobs[lane].circuits.size()) continue;
    const auto& weights = jobs[lane].circuits[c].weights;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      qsim::set_lane(weights_.get() + k * kRow<T>, lane, weights[k]);
    }
  }
  qsim::batch_kernels<T>().combine(combined_.get(), state_.n_qubits(), states, weights_.get());
}

template <class T>
void ShiftWorker<T>::read(std::span<const ShiftJob> jobs, std::size_t c, SlotSums& sums) {
  const bool exact = task_->quantity == Quantity::kExpval && !task_->shots;
  if (exact) observables_.expectations(combined_.get(), numbers_);
  for (Index lane = 0; lane < jobs.size(); ++lane) {
    if (c >= jobs[lane].circuits.size()) continue;
    const auto& circuit = jobs[lane].circuits[c];
    if (!exact) {
      qsim::copy_lane(combined_.get(), lane, state_);
      values_->add(circuit, jobs[lane].slot, state_, sums);
      continue;
    }
    for (std::size_t k = 0; k * kBlock<T> < numbers_.size(); ++k) {
      sums.add(jobs[lane].slot, circuit.coefficient, k, numbers_[k * kBlock<T> + lane], 0.0);
    }
  }
}

template class ShiftWorker<float>;
template class ShiftWorker<double>;

}  // namespace qml
