#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qml/derivatives/shift/plan.h"
#include "qsim/compile/program.h"

namespace qml {

// What a number of shots means to the Jacobian by parameter shift. A setting is one thing measured
// on one shifted circuit: a Pauli string of one observable, a matrix observable, or for probs all
// qubits.
enum class ShotAllocation : unsigned char {
  kEach,     // shots for every setting
  kUniform,  // a budget for a sample's whole Jacobian, spread evenly over all settings
  kWeighted  // a budget, in proportion to |coefficient of the string · coefficient of the rule|
};

// "each", "uniform" or "weighted"; ValueError listing them otherwise.
ShotAllocation shot_allocation(std::string_view name);

// Every number gets `least`; the rest of the budget goes by weight, rounded so that the sum is the
// budget.
std::vector<std::int64_t> split_shots(std::int64_t budget, std::int64_t least,
                                      const std::vector<double>& weights);

// The weight of every setting of every shifted circuit of a budget, circuit by circuit.
std::vector<double> shot_weights(const qsim::Program& program, const ShiftPlan& shifts,
                                 Quantity quantity, ShotAllocation allocation);

// As split_shots; ValueError where the budget has less than `least` shots for each setting.
std::vector<std::int64_t> split_budget(std::int64_t budget, std::int64_t least,
                                       const std::vector<double>& weights);

// The shots of every setting of every shifted circuit, the same for all samples.
class ShotPlan {
 public:
  // Throws ValueError where a budget has less than `least` shots for each setting, or where
  // `shots` for each are fewer than that.
  ShotPlan(const qsim::Program& program, const ShiftPlan& shifts, Quantity quantity,
           std::int64_t shots, ShotAllocation allocation, std::int64_t least);

  // Of one observable (0 for probs) on the circuit of a number, setting by setting.
  [[nodiscard]] std::span<const std::int64_t> of(std::size_t circuit, std::size_t observable) const;

 private:
  std::vector<std::size_t> first_;  // of each observable, and their total
  std::vector<std::int64_t> shots_;
};

}  // namespace qml
