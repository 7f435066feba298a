#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "qsim/compile/program.h"

// How far an operator on a program's final state reaches back into it (light_cone.h).

namespace qsim {

// An operator on the final state, as far as cones are concerned: the qubits it acts on, and those
// of them where it commutes with Z.
struct Seen {
  Index qubits = 0;
  Index diagonal = 0;
  auto operator<=>(const Seen&) const = default;
};

// Qubits and the steps on them.
struct Reach {
  Index qubits = 0;
  std::vector<std::uint64_t> steps{};  // a bit a step
};

std::vector<std::size_t> steps_of(const Reach& reach);

// What sees two operators sees their products, too: steps that both commute with do.
Reach united(Reach a, const Reach& b);

// Work in amplitudes times steps, with what a run costs besides: about two microseconds.
double cost_of(int n_qubits, std::size_t n_steps);
double cost_of(const Reach& reach);

// The qubits that an initialize prepares together.
Index prepared_together(const Program& program);

// Takes operators back through a program's steps, as far as the first-th.
class Lights {
 public:
  Lights(std::span<const Step> steps, std::size_t first, Index prepared);
  [[nodiscard]] Reach reach(Seen seen) const;

 private:
  std::vector<Seen> masks_;  // of every step
  std::size_t first_;
  Index prepared_;
};

}  // namespace qsim
