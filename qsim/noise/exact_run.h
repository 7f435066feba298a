#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/engines/execute.h"
#include "qsim/noise/density_matrix.h"
#include "qsim/noise/exact_branches.h"
#include "qsim/noise/exact_legs.h"
#include "qsim/noise/schedule.h"
#include "qsim/noise/shots.h"

namespace qsim {

// A schedule on density matrices. What is measured and never used only loses its coherence.
template <class T = double>
class ExactRun {
 public:
  // Compiles; the schedule must outlive it.
  explicit ExactRun(const Schedule& schedule);

  // From the start, with given coordinates; may be repeated.
  void run(const Binding<double>& binding, std::span<const double> coordinates,
           const PartDone& part_done = {});

  // Of the classical bits, where these are the schedule's goal. Moves nothing.
  [[nodiscard]] Distribution distribution() const;
  // Over all branches, whose numbers it takes: a copy would double the memory. Once a run.
  [[nodiscard]] DensityMatrix<T> average();
  [[nodiscard]] std::int64_t n_branches() const {
    return static_cast<std::int64_t>(branches_.size());
  }

 private:
  struct PreparedLeg {
    ExactLeg what{};
    Program program{};
    Binding<T> binding{};
  };

  void run_gates(PreparedLeg& leg, std::span<const double> coordinates, const PartDone& part_done);

  const Schedule& schedule_;
  std::vector<PreparedLeg> legs_;
  ExactBranches<T> branches_;
};

extern template class ExactRun<float>;
extern template class ExactRun<double>;

}  // namespace qsim
