#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "qml/gradients/workspace.h"
#include "qsim/compile/program.h"

namespace qml {

// Parameter values for several runs of a program: inputs are size × n_inputs, row by row; weights
// are one row for all runs, or one per run.
struct Batch {
  std::size_t size = 1;
  std::span<const double> inputs;
  std::span<const double> weights;
  bool weights_per_sample = false;
};

// Throws ValueError, naming both, where the numbers of values do not fit the program.
void check(const qsim::Program& program, const Batch& batch);

// Calls body(sample, workspace) for every sample, after binding the workspace to its parameters:
// narrow programs on all threads, one sample to a thread; wide ones in turn, each on all threads.
// Memory for the workspaces is checked first. Interrupts are answered between groups of samples,
// whose size follows from how many times body runs the program for each.
template <class T>
void for_samples(const qsim::Program& program, const Batch& batch,
                 const std::function<void(std::size_t, Workspace<T>&)>& body,
                 std::size_t runs_per_sample = 1);

}  // namespace qml
