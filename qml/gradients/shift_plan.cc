#include "qml/gradients/shift_plan.h"

#include <map>
#include <utility>

#include "qml/gradients/coordinates.h"
#include "qsim/core/error.h"

namespace qml {

using qsim::require;

ShiftPlan::ShiftPlan(const qsim::Program& program) {
  const int n_parameters = program.tape.n_parameters();
  for (const auto& amplitude : program.initial) {
    require(!program.tape.depends_on(amplitude.entry, 0, n_parameters),
            "amplitudes given as parameters have no parameter-shift rule; use adjoint");
  }
  std::map<std::vector<double>, std::vector<ShiftTerm>> known;  // most slots have equal spectra
  for (const qsim::Slot& slot : program.slots) {
    first.push_back(n_circuits);
    // What depends on no parameter has no derivative.
    if (!program.tape.depends_on(slot.entry, 0, n_parameters)) {
      rules.emplace_back();
      continue;
    }
    auto found = known.find(slot.eigenvalues);
    if (found == known.end()) {
      found = known.emplace(slot.eigenvalues, slot_rule(program, slot)).first;
    }
    rules.push_back(found->second);
    n_circuits += rules.back().size();
  }
}

std::vector<ShiftJob> shift_jobs(const qsim::Program& program, const ShiftPlan& plan,
                                 const std::vector<int>& order, std::size_t most_shifts) {
  std::vector<ShiftJob> out;
  for (const int slot : order) {
    const auto s = static_cast<std::size_t>(slot);
    const auto interpolation = shift_interpolation(program.slots[s].eigenvalues, most_shifts + 1);
    ShiftJob job{.slot = slot, .shifts = {}, .circuits = {}};
    if (interpolation)
      job.shifts.assign(interpolation->shifts.begin() + 1, interpolation->shifts.end());
    for (std::size_t k = 0; k < plan.rules[s].size(); ++k) {
      const auto& [coefficient, shift] = plan.rules[s][k];
      const std::size_t number = plan.first[s] + k;
      if (interpolation) {
        job.circuits.push_back({coefficient, number, interpolation->weights(shift)});
      } else {
        out.push_back({slot, {shift}, {{coefficient, number, {0.0, 1.0}}}});
      }
    }
    if (!job.circuits.empty()) out.push_back(std::move(job));
  }
  return out;
}

}  // namespace qml
