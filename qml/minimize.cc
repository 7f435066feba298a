#include "qml/minimize.h"

#include <cmath>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qml {

MinimizeResult minimize(Objective& objective, std::span<const double> start,
                        const MinimizeOptions& options, const StepCallback& callback) {
  using qsim::require;
  require(options.steps >= 1, "the number of steps is ", options.steps, "; it must be at least 1");
  require(options.patience >= 1, "the patience is ", options.patience, "; it must be at least 1");
  require(std::isfinite(options.tolerance) && options.tolerance >= 0, "the tolerance is ",
          options.tolerance, "; it must not be negative");
  for (std::size_t k = 0; k < start.size(); ++k) {
    require(std::isfinite(start[k]), "starting parameter ", k, " is ", start[k],
            "; it must be finite");
  }
  Optimizer optimizer(options.optimizer);
  std::vector<double> at(start.begin(), start.end());
  MinimizeResult out{.parameters = at, .value = objective.values(at, 1).front(), .history = {}};
  out.history.push_back(out.value);
  double progress = out.value;  // the value that the next one has to beat
  int since = 0;
  for (int step = 1; step <= options.steps; ++step) {
    optimizer.step(at, objective);
    const double value = objective.values(at, 1).front();
    out.history.push_back(value);
    if (value < out.value) {
      out.value = value;
      out.parameters = at;
    }
    if (callback && !callback(step, value, at)) break;
    since = value < progress - options.tolerance ? 0 : since + 1;
    if (since == 0) progress = value;
    if (since >= options.patience) {
      out.converged = true;
      break;
    }
    qsim::poll_interrupt();
  }
  return out;
}

}  // namespace qml
