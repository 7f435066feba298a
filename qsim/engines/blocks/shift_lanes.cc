#include "qsim/engines/blocks/shift_lanes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "qsim/core/interrupt.h"
#include "qsim/state/lanes.h"

namespace qsim {

template <class T>
ShiftLanes<T>::ShiftLanes(const Program& program)
    : plan_(program, false),
      shared_(plan_),
      block_(shared_, kMostShifts),
      observables_(program.observables, program.n_qubits),
      combined_(aligned_array<T>(kRow<T> << static_cast<unsigned>(program.n_qubits))),
      weights_(aligned_array<T>(kMostCombined * kRow<T>)),
      numbers_(program.observables.size() * kBlock<T>),
      values_(program.observables.size()),
      state_(program.n_qubits) {
  state_.set_zero();  // the padding of small states too
}

template <class T>
double ShiftLanes<T>::bytes(int n_qubits) {
  constexpr std::size_t kStates = 12;  // the block's, its walks', an observable's, combined ones
  return std::ldexp(static_cast<double>(kStates * kRow<T> * sizeof(T)), n_qubits);
}

template <class T>
const State<T>& ShiftLanes<T>::start(std::span<const double> parameters) {
  shared_.bind(parameters);
  block_.bind();
  copy_lane(block_.unshifted(), 0, state_);
  return state_;
}

template <class T>
void ShiftLanes<T>::run_values(Jobs jobs, const ReadValues& read) {
  run(jobs, [&](std::size_t first, std::size_t circuit, Jobs lanes) {
    observables_.expectations(combined_.get(), numbers_);
    for (Index lane = 0; lane < lanes.size(); ++lane) {
      if (circuit >= lanes[lane].combinations.size()) continue;
      for (std::size_t k = 0; k < values_.size(); ++k) values_[k] = numbers_[k * kBlock<T> + lane];
      read({first + lane, circuit}, values_);
    }
  });
}

template <class T>
void ShiftLanes<T>::run_states(Jobs jobs, const ReadState& read) {
  run(jobs, [&](std::size_t first, std::size_t circuit, Jobs lanes) {
    for (Index lane = 0; lane < lanes.size(); ++lane) {
      if (circuit >= lanes[lane].combinations.size()) continue;
      copy_lane(combined_.get(), lane, state_);
      read({first + lane, circuit}, state_);
    }
  });
}

// Calls read_lanes(first, c, jobs) when the c-th circuits of some jobs are in combined_.
template <class T>
template <class Read>
void ShiftLanes<T>::run(Jobs jobs, const Read& read_lanes) {
  for (std::size_t first = 0; first < jobs.size(); first += kBlock<T>) {
    poll_interrupt();
    run_block(jobs.subspan(first, std::min<std::size_t>(kBlock<T>, jobs.size() - first)), first,
              read_lanes);
  }
}

// One job a lane.
template <class T>
template <class Read>
void ShiftLanes<T>::run_block(Jobs jobs, std::size_t first, const Read& read_lanes) {
  std::array<const T*, kMostCombined> states{block_.unshifted()};
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
  for (const ShiftedCircuits& job : jobs) {
    n_circuits = std::max(n_circuits, job.combinations.size());
  }
  for (std::size_t c = 0; c < n_circuits; ++c) {
    combine(jobs, c, std::span<const T* const>(states).first(n_states));
    read_lanes(first, c, jobs);
  }
}

// The final states of the jobs' c-th circuits.
template <class T>
void ShiftLanes<T>::combine(Jobs jobs, std::size_t circuit, std::span<const T* const> states) {
  std::fill_n(weights_.get(), states.size() * kRow<T>, T{0});
  for (Index lane = 0; lane < jobs.size(); ++lane) {
    if (circuit >= jobs[lane].combinations.size()) continue;
    const auto& weights = jobs[lane].combinations[circuit];
    for (std::size_t k = 0; k < weights.size(); ++k) {
      set_lane(weights_.get() + k * kRow<T>, lane, weights[k]);
    }
  }
  batch_kernels<T>().combine(combined_.get(), state_.n_qubits(), states, weights_.get());
}

template class ShiftLanes<float>;
template class ShiftLanes<double>;

}  // namespace qsim
