#pragma once

#include "bindings/common.h"
#include "qml/derivatives/noisy.h"

namespace ketgrad {

// A circuit with noise as compile_noisy() prepares it, and what it was made from, to pickle it.
struct PyNoisyProgram {
  qml::NoisyProgram program;
  bool single = false;
  qsim::Circuit circuit;  // with its noise
  [[nodiscard]] const qsim::Program& angles() const { return program.schedule.angles; }
};

}  // namespace ketgrad
