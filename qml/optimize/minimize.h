#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qml/optimize/objective.h"
#include "qml/optimize/optimizer.h"

namespace qml {

// From one start up to before another.
struct StartRange {
  int begin = 0;
  int end = 1;
};

struct MinimizeOptions {
  OptimizerOptions optimizer{};
  int steps = 1000;  // at most
  // The values of `patience` steps in a row and the one before them stand still where they all lie
  // within `tolerance` of the objective's spread, below 1: the same for an objective in other
  // units. (A value that merely sets no new record may be overshooting.)
  double tolerance = 1e-8;
  int patience = 10;
  std::uint64_t test_seed = 0;  // of the directions that are tried at the end
  // So many further descents begin at random places, uniform in [−π, π] and drawn from the
  // optimizer's seed. The result is the one that ended lowest. Of optimizers that need gradients
  // alone, and exact values, all take their steps side by side, as one batch; others follow one
  // another.
  int n_restarts = 0;
  // Of all starts, numbered from 0, these alone: others may take the rest.
  std::optional<StartRange> only{};
};

struct MinimizeResult {
  // Those of the lowest value seen; of an objective that is not exact, whose lowest value is a
  // lucky draw, the last.
  std::vector<double> parameters{};
  std::vector<std::string> names{};  // of the parameters, where the caller knows them
  double value = 0.0;                // at these parameters; where not exact, drawn anew
  std::vector<double> history{};     // the value at the start and after every step
  // Whether the values stood still, the gradient was small and no direction of negative curvature
  // was found among those tried (stationary.h). Never of values from shots.
  bool converged = false;
  std::string message{};  // why it ended, and which of these tests was passed
};

// "value -1.137 after 88 steps, converged: …", with the message, and a line for each of the first
// parameters.
std::ostream& operator<<(std::ostream& out, const MinimizeResult& result);

// After a step of one of the descents.
struct DescentStep {
  int start = 0;       // which one, from 0: that from the place given
  int step = 0;        // of this descent, from 1
  double value = 0.0;  // after it
  std::span<const double> parameters{};
};

// Called after every step; where it returns false, all ends.
using StepCallback = std::function<bool(const DescentStep&)>;

// Minimises an objective from a starting point. Where exact values stand still at a saddle or a
// maximum, the next step leads down from it, and the optimizer begins afresh there. Throws
// ValueError for options out of range, for a start that is not finite, and for what an objective or
// an optimizer cannot do.
MinimizeResult minimize(Objective& objective, std::span<const double> start,
                        const MinimizeOptions& options, const StepCallback& callback = {});

}  // namespace qml
