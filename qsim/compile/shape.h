#pragma once

#include "qsim/compile/program.h"

namespace qsim {

// Sets a step's shape and the number of its coefficients by what its factors are.
void choose_shape(Step& step);

}  // namespace qsim
