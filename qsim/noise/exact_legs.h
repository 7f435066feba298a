#pragma once

#include <memory>
#include <vector>

#include "qsim/noise/schedule.h"
#include "qsim/noise/shots.h"

// A schedule as it acts on density matrices, which are vectors over 2n qubits (density_matrix.h):
// there gates act on rows and columns alike, and channels are matrices as well.

namespace qsim {

// Gates and channels in a row, or a measurement whose outcome is used.
struct ExactLeg {
  std::shared_ptr<const Condition> condition{};
  std::vector<Primitive> primitives{};  // with angles angle_name(0), angle_name(1) …
  std::size_t first_coordinate = 0;     // … the schedule's from here on
  std::size_t n_coordinates = 0;
  int bit = -1;                  // of a measurement
  std::vector<Step> recorded{};  // … what it does where 0 and where 1 is recorded
  BitWords live{};               // bits that matter afterwards
};

std::vector<ExactLeg> exact_legs(const Schedule& schedule);

// The qubits a primitive acts on.
Index qubits_of(const Primitive& primitive);
// Channels alone act on rows and columns together.
bool is_channel(const Primitive& primitive, int n_qubits);
// Channels in parts that cost less than the whole, where they have them.
std::vector<Primitive> with_channels_in_parts(std::vector<Primitive> primitives, int n_qubits);

}  // namespace qsim
