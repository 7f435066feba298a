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

// What is measured on one circuit.
struct CircuitSettings {
  std::vector<std::size_t> first{0};  // setting of each observable, and their number
  std::vector<double> weights{};
};

CircuitSettings settings_of(const qsim::Program& program, Quantity quantity) {
  CircuitSettings out;
  const auto add = [&](const std::vector<double>& weights) {
    out.weights.insert(out.weights.end(), weights.begin(), weights.end());
    out.first.push_back(out.weights.size());
  };
  if (quantity == Quantity::kExpval) {
    for (const auto& observable : program.observables) add(qsim::setting_weights(observable));
  } else {
    add({1.0});
  }
  return out;
}

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

std::vector<double> shot_weights(const qsim::Program& program, const ShiftPlan& shifts,
                                 Quantity quantity, ShotAllocation allocation) {
  const auto [first, of_settings] = settings_of(program, quantity);
  qsim::require_memory(
      2.0 * static_cast<double>(shifts.n_circuits * of_settings.size()) * sizeof(double),
      "the shots of a Jacobian");
  std::vector<double> out;
  for (const auto& rule : shifts.rules) {
    for (const ShiftTerm& term : rule) {
      for (const double weight : of_settings) {
        const bool even = allocation == ShotAllocation::kUniform;
        out.push_back(even ? 1.0 : std::abs(term.coefficient * weight));
      }
    }
  }
  return out;
}

std::vector<std::int64_t> split_budget(std::int64_t budget, std::int64_t least,
                                       const std::vector<double>& weights) {
  require(budget / least >= static_cast<std::int64_t>(weights.size()), "a budget of ", budget,
          " shots is too small for ", weights.size(), " settings of at least ", least,
          " shots each");
  return split_shots(budget, least, weights);
}

ShotPlan::ShotPlan(const qsim::Program& program, const ShiftPlan& shifts, Quantity quantity,
                   std::int64_t shots, ShotAllocation allocation, std::int64_t least)
    : first_(settings_of(program, quantity).first) {
  if (allocation == ShotAllocation::kEach) {
    const std::size_t n_settings = shifts.n_circuits * first_.back();
    qsim::require_memory(static_cast<double>(n_settings) * sizeof(std::int64_t),
                         "the shots of a Jacobian");
    require(shots >= least, "the number of shots is ", shots, "; it must be at least ", least,
            least > 1 ? " for standard errors" : "");
    shots_.assign(n_settings, shots);
    return;
  }
  shots_ = split_budget(shots, least, shot_weights(program, shifts, quantity, allocation));
}

std::span<const std::int64_t> ShotPlan::of(std::size_t circuit, std::size_t observable) const {
  return std::span(shots_).subspan(circuit * first_.back() + first_[observable],
                                   first_[observable + 1] - first_[observable]);
}

}  // namespace qml
