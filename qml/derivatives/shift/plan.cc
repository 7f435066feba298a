#include "qml/derivatives/shift/plan.h"

#include <map>
#include <utility>

#include "qml/derivatives/coordinates.h"
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

}  // namespace qml
