#include "qml/derivatives/shift/shot_plan.h"

#include <array>
#include <cmath>
#include <string>

#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/observables/expectation.h"

namespace qml {
namespace {

using qsim::require;

struct AllocationRow {
  ShotAllocation allocation;
  std::string_view name;
};

constexpr std::array kAllocations{
    AllocationRow{ShotAllocation::kEach, "each"},
    AllocationRow{ShotAllocation::kUniform, "uniform"},
    AllocationRow{ShotAllocation::kWeighted, "weighted"},
};

}  // namespace

ShotAllocation shot_allocation(std::string_view name) {
  std::string names;
  for (const AllocationRow& row : kAllocations) {
    if (row.name == name) return row.allocation;
    names += qsim::concat(names.empty() ? "" : ", ", row.name);
  }
  qsim::fail("there is no shot allocation '", name, "'; there is ", names);
}

std::vector<std::int64_t> split_shots(std::int64_t budget, std::int64_t least,
                                      const std::vector<double>& weights) {
  if (weights.empty()) return {};
  double total = 0;
  for (const double weight : weights) total += weight;
  if (total == 0) return split_shots(budget, least, std::vector<double>(weights.size(), 1.0));
  const auto rest = budget - least * static_cast<std::int64_t>(weights.size());
  std::vector<std::int64_t> out;
  double sum = 0;
  std::int64_t given = 0;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    sum += weights[k];
    const bool last = k + 1 == weights.size();
    const std::int64_t until =
        last ? rest
             : static_cast<std::int64_t>(std::floor(sum / total * static_cast<double>(rest)));
    out.push_back(least + until - given);
    given = until;
  }
  return out;
}

ShotPlan::ShotPlan(const qsim::Program& program, const ShiftPlan& shifts, Quantity quantity,
                   std::int64_t shots, ShotAllocation allocation, std::int64_t least) {
  std::vector<double> of_settings;  // of one circuit
  first_.push_back(0);
  const auto add = [&](const std::vector<double>& weights) {
    of_settings.insert(of_settings.end(), weights.begin(), weights.end());
    first_.push_back(of_settings.size());
  };
  if (quantity == Quantity::kExpval) {
    for (const auto& observable : program.observables) add(qsim::setting_weights(observable));
  } else {
    add({1.0});
  }
  const std::size_t n_settings = shifts.n_circuits * of_settings.size();
  qsim::require_memory(2.0 * static_cast<double>(n_settings) * sizeof(double),
                       "the shots of a Jacobian");
  if (allocation == ShotAllocation::kEach) {
    require(shots >= least, "the number of shots is ", shots, "; it must be at least ", least,
            least > 1 ? " for standard errors" : "");
    shots_.assign(n_settings, shots);
    return;
  }
  require(shots / least >= static_cast<std::int64_t>(n_settings), "a budget of ", shots,
          " shots is too small for ", n_settings, " settings of at least ", least, " shots each");
  std::vector<double> weights;
  for (const auto& rule : shifts.rules) {
    for (const ShiftTerm& term : rule) {
      for (const double weight : of_settings) {
        const bool even = allocation == ShotAllocation::kUniform;
        weights.push_back(even ? 1.0 : std::abs(term.coefficient * weight));
      }
    }
  }
  shots_ = split_shots(shots, least, weights);
}

std::span<const std::int64_t> ShotPlan::of(std::size_t circuit, std::size_t observable) const {
  return std::span(shots_).subspan(circuit * first_.back() + first_[observable],
                                   first_[observable + 1] - first_[observable]);
}

}  // namespace qml
