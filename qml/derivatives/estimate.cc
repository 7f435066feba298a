#include "qml/derivatives/estimate.h"

#include <algorithm>
#include <memory>

#include "qml/derivatives/collect.h"
#include "qml/derivatives/evaluate.h"
#include "qsim/compile/light_cone.h"
#include "qsim/core/error.h"
#include "qsim/core/loan.h"
#include "qsim/engines/cones/engine.h"

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

namespace {

// One measurement plan's estimates, a row a sample.
template <class T>
std::vector<qsim::Estimate> rows_of(const qsim::Program& program, const Batch& batch,
                                    const qsim::MeasurementPlan& plan,
                                    std::span<const std::int64_t> shots, std::size_t n,
                                    std::uint64_t seed) {
  return collect<T, qsim::Estimate>(
      program, batch, n,
      [&](std::size_t sample, const qsim::State<T>& ket, std::span<qsim::Estimate> out) {
        qsim::Random random = qsim::shot_stream(seed, sample, 0);
        const auto estimates = plan.estimate(ket, shots, random);
        std::copy(estimates.begin(), estimates.end(), out.begin());
      });
}

// How a program's observables are measured, as a whole and in light cones that have all of a
// setting each, if those are worthwhile; kept with the program between calls.
struct PreparedSettings {
  PreparedSettings(const qsim::Program& program, qsim::Grouping by)
      : grouping(by),
        plan(program.observables, program.n_qubits, by),
        cones(light_cones(program, plan.units())) {
    for (const qsim::LightCone& cone : cones) {
      parts.push_back(part_of(program, *program.cones, cone));
      plans.push_back(plan.in_cone(cone.units, cone.qubits));
    }
  }

  qsim::Grouping grouping;
  qsim::MeasurementPlan plan;
  std::vector<qsim::LightCone> cones;
  std::vector<qsim::Program> parts{};  // of the cones, with their settings
  std::vector<qsim::MeasurementPlan> plans{};
};

template <class T>
std::vector<qsim::Estimate> rows_of_cones(const qsim::Program& program, const Batch& batch,
                                          const PreparedSettings& settings,
                                          std::span<const std::int64_t> shots, std::uint64_t seed) {
  const std::size_t n = program.observables.size();
  std::vector<qsim::Estimate> out = result<qsim::Estimate>(program, batch, n);
  const std::vector<double> known = settings.plan.identities();
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = {known[k % n], 0};
  for (std::size_t cone = 0; cone < settings.cones.size(); ++cone) {
    std::vector<std::int64_t> of_part;
    for (const std::size_t setting : settings.cones[cone].units) {
      of_part.push_back(shots[setting]);
    }
    const auto rows = rows_of<T>(settings.parts[cone], batch, settings.plans[cone], of_part, n,
                                 qsim::cone_seed(seed, cone));
    for (std::size_t k = 0; k < out.size(); ++k) {
      out[k].mean += rows[k].mean;
      out[k].variance += rows[k].variance;
    }
  }
  return out;
}

}  // namespace

template <class T>
Estimates estimate(const qsim::Program& program, const Batch& batch,
                   const EstimateOptions& options) {
  check(program, Quantity::kExpval, {});
  const qsim::Loan<PreparedSettings> settings(
      program.prepared, 0,
      [&] { return std::make_unique<PreparedSettings>(program, options.grouping); },
      [&](const PreparedSettings& kept) { return kept.grouping == options.grouping; });
  const auto shots = setting_shots(settings->plan, options.shots, options.allocation);
  if (options.shots == 0) {
    Estimates exact{.means = expval<T>(program, batch)};
    exact.variances.assign(exact.means.size(), 0.0);
    return exact;
  }
  const bool in_cones =
      program.engine.value_or(qsim::EngineKind::kCones) == qsim::EngineKind::kCones &&
      batch.initial_states.empty() && !settings->cones.empty();
  const auto rows = in_cones ? rows_of_cones<T>(program, batch, *settings, shots, options.seed)
                             : rows_of<T>(program, batch, settings->plan, shots,
                                          program.observables.size(), options.seed);
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
