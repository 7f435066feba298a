#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qsim/compile/bind.h"
#include "qsim/core/observable.h"
#include "qsim/core/progress.h"
#include "qsim/noise/schedule.h"
#include "qsim/noise/shots.h"

// Quantum trajectories: every shot goes through the circuit as a state, and at every event draws
// one of its outcomes. Shots whose outcomes agree share one state, a branch; weak noise and
// measurements with few outcomes cost a few branches and not a run for every shot.

namespace qsim {

// Writes the classical bits of every shot, and how many branches there were. Every shot done is
// added to the progress.
template <class T = double>
void sample_trajectories(const Schedule& schedule, const Binding<double>& binding,
                         std::uint64_t seed, Shots& shots, Progress& progress);

// Means over trajectories and their standard errors, by observable.
struct TrajectoryMeans {
  std::vector<double> means{};
  std::vector<double> errors{};  // infinite for one trajectory
  std::int64_t n_branches = 0;
};

// ⟨O⟩ at the end of a schedule whose final measurements are projected. `coordinates` are its
// angles; ValueError for less than one trajectory.
template <class T = double>
TrajectoryMeans trajectory_expectations(const Schedule& schedule, const Binding<double>& binding,
                                        std::span<const double> coordinates,
                                        std::span<const Observable> observables,
                                        std::int64_t trajectories, std::uint64_t seed);

}  // namespace qsim
