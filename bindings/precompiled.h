#pragma once

// What nearly every binding includes, compiled once: the headers of pybind11 take longer than the
// bindings themselves. Files still include what they use.

#include "bindings/arguments.h"
#include "bindings/common.h"
#include "bindings/program.h"
