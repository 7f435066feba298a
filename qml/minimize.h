#pragma once

#include <functional>
#include <span>
#include <vector>

#include "qml/objective.h"
#include "qml/optimizer.h"

namespace qml {

struct MinimizeOptions {
  OptimizerOptions optimizer;
  int steps = 100;          // at most
  double tolerance = 1e-8;  // what counts as progress of the value
  int patience = 10;        // steps without progress before stopping
};

struct MinimizeResult {
  std::vector<double> parameters;  // those of the lowest value seen
  double value = 0.0;              // that value
  std::vector<double> history;     // the value at the start and after every step
  bool converged = false;          // whether patience ran out before the steps did
};

// Called after every step with its number (from 1), the value and the parameters; false ends it.
using StepCallback = std::function<bool(int, double, std::span<const double>)>;

// Minimises an objective from a starting point. Throws ValueError for options out of range, for a
// start that is not finite, and for what an objective or an optimizer cannot do.
MinimizeResult minimize(Objective& objective, std::span<const double> start,
                        const MinimizeOptions& options, const StepCallback& callback = {});

}  // namespace qml
