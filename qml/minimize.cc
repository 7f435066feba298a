#include "qml/minimize.h"

#include <algorithm>
#include <cmath>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qml {
namespace {

bool stands_still(const std::vector<double>& history, const MinimizeOptions& options) {
  const auto window = static_cast<std::size_t>(options.patience) + 1;
  if (history.size() < window) return false;
  const auto [low, high] = std::ranges::minmax(std::span(history).last(window));
  return high - low <= options.tolerance;
}

}  // namespace

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
  require(objective.is_exact() || options.optimizer.name != "l-bfgs",
          "l-bfgs needs exact values, not estimates from shots");
  Optimizer optimizer(options.optimizer);
  std::vector<double> at(start.begin(), start.end());
  MinimizeResult out{.parameters = at, .value = objective.values(at, 1).front(), .history = {}};
  out.history.push_back(out.value);
  for (int step = 1; step <= options.steps; ++step) {
    optimizer.step(at, objective);
    const double value = objective.values(at, 1).front();
    out.history.push_back(value);
    if (value < out.value) {
      out.value = value;
      out.parameters = at;
    }
    if (callback && !callback(step, value, at)) break;
    out.converged = stands_still(out.history, options);
    if (out.converged) break;
    qsim::poll_interrupt();
  }
  if (!objective.is_exact()) {
    out.parameters = at;
    out.value = objective.values(at, 1).front();
  }
  return out;
}

}  // namespace qml
