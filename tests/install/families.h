#pragma once

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string_view>

// Ends the program where a value is not the right one.
inline void check(double value, double right, std::string_view what, double tolerance = 1e-12) {
  if (std::abs(value - right) <= tolerance) return;
  std::cerr << what << " is " << value << ", not " << right << '\n';
  std::exit(EXIT_FAILURE);
}

void use_circuits();
void use_gradients();
void use_io();
void use_kernels();
void use_minimize();
void use_models();
void use_noise();
void use_observables();
void use_sentences();
