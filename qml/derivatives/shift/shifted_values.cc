#include "qml/derivatives/shift/shifted_values.h"

#include <algorithm>
#include <limits>

#include "qsim/core/error.h"
#include "qsim/observables/expectation.h"

namespace qml {

namespace {

Quantity with_rule(Quantity quantity) {
  qsim::require(quantity != Quantity::kState, "the state has no parameter-shift rule; use adjoint");
  return quantity;
}

}  // namespace

ShiftTask::ShiftTask(const qsim::Program& of, const JacobianOptions& options)
    : program(&of),
      quantity(with_rule(options.quantity)),
      seed(options.seed),
      with_errors(options.std_errors || options.covariance),
      plan(of) {
  if (options.shots) {
    shots.emplace(of, plan, quantity, *options.shots, options.allocation, least_shots(options));
  }
  if (options.allocation == ShotAllocation::kEach) value_shots = options.shots;
}

SlotSums::SlotSums(const ShiftTask& task)
    : n_slots(task.program->slots.size()),
      gradients(n_values(*task.program, task.quantity) * n_slots),
      variances(task.with_errors ? gradients.size() : 0) {}

double SlotSums::bytes(const ShiftTask& task) {
  return static_cast<double>(n_values(*task.program, task.quantity)) *
         static_cast<double>(task.program->slots.size() * (task.with_errors ? 2 : 1)) *
         sizeof(double);
}

void SlotSums::add(const ShiftCircuit& circuit, std::size_t value, double mean, double variance) {
  const std::size_t at = value * n_slots + static_cast<std::size_t>(circuit.slot);
  const double c = circuit.coefficient;
  gradients[at] += c * mean;
  if (!variances.empty()) variances[at] += c * c * variance;
}

template <class T>
ShiftedValues<T>::ShiftedValues(const ShiftTask& task)
    : task_(&task),
      values_(n_values(*task.program, task.quantity)),
      variances_(values_.size(), 0.0) {}

template <class T>
std::span<const double> ShiftedValues<T>::start(std::size_t sample,
                                                const qsim::State<T>& unshifted) {
  sample_ = sample;
  read_values(*task_->program, unshifted, task_->quantity, {task_->value_shots, task_->seed},
              sample, values_);
  means_.clear();
  if (task_->quantity == Quantity::kVariance) {
    for (const auto& observable : task_->program->observables) {
      means_.push_back(qsim::expectation(observable, unshifted));
    }
  }
  return values_;
}

template <class T>
void ShiftedValues<T>::add(const ShiftCircuit& circuit, const qsim::State<T>& state,
                           SlotSums& sums) {
  if (task_->shots) {
    measure(circuit.number, state);
  } else if (task_->quantity == Quantity::kVariance) {
    for (std::size_t k = 0; k < values_.size(); ++k) {
      values_[k] = qsim::second_moment(task_->program->observables[k], state, means_[k]);
    }
  } else {
    read_values(*task_->program, state, task_->quantity, {}, sample_, values_);
  }
  for (std::size_t k = 0; k < values_.size(); ++k) {
    sums.add(circuit, k, values_[k], variances_[k]);
  }
}

template <class T>
void ShiftedValues<T>::measure(std::size_t circuit, const qsim::State<T>& state) {
  qsim::Random random = qsim::shot_stream(task_->seed, sample_, circuit + 1);
  if (task_->quantity == Quantity::kExpval) {
    for (std::size_t k = 0; k < values_.size(); ++k) {
      const auto [mean, variance] = qsim::estimate_expectation(
          task_->program->observables[k], state, task_->shots->of(circuit, k), random);
      values_[k] = mean;
      variances_[k] = variance;
    }
    return;
  }
  const std::int64_t shots = task_->shots->of(circuit, 0)[0];
  values_ = qsim::sampled_probabilities(state, task_->program->measured, shots, random);
  for (std::size_t k = 0; k < values_.size(); ++k) {
    variances_[k] = qsim::variance_of_mean(values_[k] * (1 - values_[k]), shots);
  }
}

template class ShiftedValues<float>;
template class ShiftedValues<double>;

}  // namespace qml
