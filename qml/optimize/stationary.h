#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qml/optimize/objective.h"

namespace qml {

// What values of an exact objective differ by for no other reason than rounding.
double rounding_of(const Objective& objective);

// What can be told of a place where the values of an exact objective stand still. A small gradient
// alone is that of a saddle, too, and of a maximum: both are left along a direction in which the
// value bends down.
struct Surroundings {
  double slope = 0.0;           // the largest |derivative|
  double slope_limit = 0.0;     // what counts as none
  double curvature = 0.0;       // the lowest second derivative found
  double margin = 0.0;          // by what values have to differ: at least as rounding tells
  std::vector<double> lower{};  // a place that is lower by more than `margin`, or nothing

  [[nodiscard]] bool is_flat() const { return slope <= slope_limit; }
  [[nodiscard]] bool is_minimum() const { return is_flat() && lower.empty(); }
};

// Looks around a place of a known value. What is small is a share of the objective's spread: values
// within tolerance · spread are alike. Where the slope is no more than √tolerance · spread (and
// rounding allows to tell), Lanczos iterations on the Hessian, by differences of gradients from a
// random direction of the seed, find the direction of lowest curvature; the value is then tried on
// both sides along it and along kRandomDirections more, at distances from π (of random directions
// in every parameter) down to 10⁻³: a valley may be flat where it stands and lead on elsewhere. At
// most 2·kMostIterations gradients.
Surroundings look_around(Objective& objective, std::span<const double> at, double value,
                         double tolerance, std::uint64_t seed);

inline constexpr int kMostIterations = 100;
inline constexpr int kRandomDirections = 4;

}  // namespace qml
