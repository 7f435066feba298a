#pragma once

#include <cstdint>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qml/derivatives/shift/shot_plan.h"
#include "qsim/estimates/grouping.h"
#include "qsim/estimates/measurement_plan.h"

namespace qml {

struct EstimateOptions {
  std::int64_t shots = 0;  // 0: exact, with errors of 0
  std::uint64_t seed = 0;
  qsim::Grouping grouping = qsim::Grouping::kNone;
  ShotAllocation allocation = ShotAllocation::kEach;  // a budget is that of one sample
};

// size × n_observables
struct Estimates {
  std::vector<double> means{};
  std::vector<double> variances{};  // of the means
};

// The shots of every setting. ValueError where a budget is less than 2 a setting, which errors
// need.
std::vector<std::int64_t> setting_shots(const qsim::MeasurementPlan& plan, std::int64_t shots,
                                        ShotAllocation allocation);

// Expectation values as shots estimate them, for every sample of a batch from shots of its own.
template <class T = double>
Estimates estimate(const qsim::Program& program, const Batch& batch,
                   const EstimateOptions& options);

}  // namespace qml
