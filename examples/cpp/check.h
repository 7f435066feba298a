#pragma once

#include <cmath>
#include <cstdlib>
#include <iostream>

// Every example knows its answer: where it gets another, the program ends and says so.
inline void check(double value, double expected, double tolerance, const char* what) {
  if (std::abs(value - expected) <= tolerance) return;  // false for NaN
  std::cerr << what << " is " << value << ", not " << expected << " within " << tolerance << '\n';
  std::exit(EXIT_FAILURE);  // NOLINT(concurrency-mt-unsafe)
}
