#pragma once

#include <cstddef>

#include "qsim/compile/rank_plan.h"

namespace qsim {

// What a machine has for one rank, in bytes a second.
struct Bandwidths {
  double network = 12.5e9;  // to send, and as much to receive: a port of 100 Gbit/s
  double memory = 100e9;    // reading and writing
};

// What a plan for ranks costs each of them, told without a state.
struct RankCosts {
  std::size_t epochs = 0;
  std::size_t exchanges = 0;
  std::size_t passes = 0;        // trips of a rank's amplitudes through memory
  double state_bytes = 0.0;      // its amplitudes
  double sent_bytes = 0.0;       // by all exchanges of a run, exactly …
  double shown_bytes = 0.0;      // … and for the observables' expectation values
  double sent_back_bytes = 0.0;  // by a gradient besides a run: for its bra and on the way back
  double run_bytes = 0.0;        // memory of a run and its expectation values …
  double gradient_bytes = 0.0;   // … and of their gradient
  double network_seconds = 0.0;  // of a run and its expectation values,
  double memory_seconds = 0.0;   // where neither waits for the other
};

// Of a program for 2^rank_bits ranks. ValueError as plan_ranks, and for bandwidths that are not
// positive.
//
//   rank_costs<double>(compile_for_ranks(qft(40)), 10).sent_bytes  // 16 GiB · (1 − 2^−10)
template <class T = double>
RankCosts rank_costs(const Program& whole, int rank_bits, const Bandwidths& bandwidths = {});

}  // namespace qsim
