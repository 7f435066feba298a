#pragma once

#include <optional>
#include <span>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/shift/shot_plan.h"
#include "qsim/state/state.h"

namespace qml {

// What all samples' shifted circuits have in common.
struct ShiftTask {
  ShiftTask(const qsim::Program& of, const JacobianOptions& options);

  const qsim::Program* program;
  Quantity quantity;
  std::uint64_t seed;
  bool with_errors;  // variances are wanted
  ShiftPlan plan;
  std::optional<ShotPlan> shots;
  // Of every setting of the unshifted circuit. A budget has none to spare for it.
  std::optional<std::int64_t> value_shots;
};

// One sample's derivatives by slots and their variances, n_values × n_slots; these only with
// errors.
struct SlotSums {
  explicit SlotSums(const ShiftTask& task);
  static double bytes(const ShiftTask& task);
  // A shifted circuit's values, and their variances, enter with its coefficient.
  void add(const ShiftCircuit& circuit, std::size_t value, double mean, double variance);

  std::size_t n_slots;
  std::vector<double> gradients;
  std::vector<double> variances;
};

// Reads values whose shifts are exact: those themselves that are expectation values, and for
// variances ⟨(O − m)²⟩ about the mean m of the unshifted program, which has the same derivative.
template <class T>
class ShiftedValues {
 public:
  explicit ShiftedValues(const ShiftTask& task);

  // Whether circuits' values are exact expectation values, which need no states.
  [[nodiscard]] bool takes_expectations() const {
    return task_->quantity == Quantity::kExpval && !task_->shots;
  }
  // To be called first for each sample, with its unshifted state; returns its values, of shots
  // where each setting has its own.
  std::span<const double> start(std::size_t sample, const qsim::State<T>& unshifted);
  // Reads, or measures, the final state of a shifted circuit.
  void add(const ShiftCircuit& circuit, const qsim::State<T>& state, SlotSums& sums);

 private:
  void measure(std::size_t circuit, const qsim::State<T>& state);

  const ShiftTask* task_;
  std::size_t sample_ = 0;
  std::vector<double> means_;
  std::vector<double> values_;
  std::vector<double> variances_;
};

extern template class ShiftedValues<float>;
extern template class ShiftedValues<double>;

}  // namespace qml
