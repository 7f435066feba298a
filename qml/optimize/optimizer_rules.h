#pragma once

#include <span>
#include <vector>

#include "qml/optimize/objective.h"
#include "qml/optimize/optimizer.h"

// The rules of optimizer.h that ask an objective for more than a gradient.

namespace qml {

// What one step of any rule reads and writes; the names are those of the formulas in optimizer.h.
struct Step {
  const OptimizerOptions& options;
  double eta;
  double count;  // t, from 1
  std::span<double> theta;
  std::span<const double> g;  // of rules that need a gradient
  std::span<std::vector<double>> memory;
  Objective* objective;  // of those that need one
};

// They return the value where the step began, or of SPSA the mean of those near it.
double qng(const Step& s);
double spsa(const Step& s);
double qnspsa(const Step& s);
double rotosolve(const Step& s);
double l_bfgs(const Step& s);

inline constexpr std::size_t kPairsOfLBfgs = 10;

}  // namespace qml
