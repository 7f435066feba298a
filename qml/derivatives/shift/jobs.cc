#include "qml/derivatives/shift/jobs.h"

#include <utility>

#include "qml/derivatives/shift/rule.h"

namespace qml {

ShiftJobs shift_jobs(const qsim::Program& program, const ShiftPlan& plan,
                     const std::vector<int>& order, std::size_t most_shifts) {
  ShiftJobs out;
  const auto add = [&out](qsim::ShiftedCircuits runs, std::vector<ShiftCircuit> circuits) {
    if (circuits.empty()) return;
    out.runs.push_back(std::move(runs));
    out.circuits.push_back(std::move(circuits));
  };
  for (const int slot : order) {
    const auto s = static_cast<std::size_t>(slot);
    const auto interpolation = shift_interpolation(program.slots[s].eigenvalues, most_shifts + 1);
    qsim::ShiftedCircuits together{.slot = slot};
    std::vector<ShiftCircuit> circuits;
    if (interpolation)
      together.shifts.assign(interpolation->shifts.begin() + 1, interpolation->shifts.end());
    for (std::size_t k = 0; k < plan.rules[s].size(); ++k) {
      const auto& [coefficient, shift] = plan.rules[s][k];
      const ShiftCircuit circuit{slot, coefficient, plan.first[s] + k};
      if (interpolation) {
        together.combinations.push_back(interpolation->weights(shift));
        circuits.push_back(circuit);
      } else {
        add({slot, {shift}, {{0.0, 1.0}}}, {circuit});
      }
    }
    add(std::move(together), std::move(circuits));
  }
  return out;
}

}  // namespace qml
