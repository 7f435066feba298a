#include "qml/derivatives/estimate.h"

#include <algorithm>

#include "qml/derivatives/collect.h"
#include "qml/derivatives/evaluate.h"
#include "qsim/core/error.h"

namespace qml {

using qsim::require;

std::vector<std::int64_t> setting_shots(const qsim::MeasurementPlan& plan, std::int64_t shots,
                                        ShotAllocation allocation) {
  const std::size_t n = plan.n_settings();
  require(shots >= 0, "the number of shots is ", shots, "; it must not be negative");
  std::vector<std::int64_t> each(n, shots);
  if (shots == 0 || allocation == ShotAllocation::kEach) return each;
  constexpr std::int64_t kLeast = 2;
  require(shots / kLeast >= static_cast<std::int64_t>(n), "a budget of ", shots,
          " shots is too small for ", n, " settings of at least ", kLeast, " shots each");
  return split_shots(
      shots, kLeast,
      allocation == ShotAllocation::kWeighted ? plan.weights() : std::vector<double>(n, 1.0));
}

template <class T>
Estimates estimate(const qsim::Program& program, const Batch& batch,
                   const EstimateOptions& options) {
  check(program, Quantity::kExpval, {});
  const qsim::MeasurementPlan plan(program.observables, program.n_qubits, options.grouping);
  const auto shots = setting_shots(plan, options.shots, options.allocation);
  const std::size_t n = program.observables.size();
  const auto rows = collect<T, qsim::Estimate>(
      program, batch, n,
      [&](std::size_t sample, const qsim::State<T>& ket, std::span<qsim::Estimate> out) {
        qsim::Random random = qsim::shot_stream(options.seed, sample, 0);
        const auto estimates = plan.estimate(ket, shots, random);
        std::copy(estimates.begin(), estimates.end(), out.begin());
      });
  Estimates out;
  for (const auto& [mean, variance] : rows) {
    out.means.push_back(mean);
    out.variances.push_back(variance);
  }
  return out;
}

template Estimates estimate<float>(const qsim::Program&, const Batch&, const EstimateOptions&);
template Estimates estimate<double>(const qsim::Program&, const Batch&, const EstimateOptions&);

}  // namespace qml
