#include "qsim/compile/reach.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"

namespace qsim {
namespace {

Index touched_by(const Step& step) {
  return mask_of(step.targets) | step.controls.mask | step.pauli.support();
}

// Where a step commutes with Z.
Index diagonal_in(const Step& step) {
  Index out = step.controls.mask | (step.pauli.z & ~step.pauli.x);
  if (step.shape == Shape::kDiagonal) out |= mask_of(step.targets);
  return out;
}

constexpr std::size_t kBitsOfWord = 64;

std::size_t count(const std::vector<std::uint64_t>& steps) {
  return std::accumulate(steps.begin(), steps.end(), std::size_t{0},
                         [](std::size_t sum, std::uint64_t word) {
                           return sum + static_cast<std::size_t>(std::popcount(word));
                         });
}

}  // namespace

std::vector<std::size_t> steps_of(const Reach& reach) {
  std::vector<std::size_t> out;
  for (std::size_t k = 0; k < reach.steps.size() * kBitsOfWord; ++k) {
    if (((reach.steps[k / kBitsOfWord] >> (k % kBitsOfWord)) & 1U) != 0) out.push_back(k);
  }
  return out;
}

Reach united(Reach a, const Reach& b) {
  a.qubits |= b.qubits;
  a.steps.resize(std::max(a.steps.size(), b.steps.size()));
  for (std::size_t k = 0; k < b.steps.size(); ++k) a.steps[k] |= b.steps[k];
  return a;
}

double cost_of(int n_qubits, std::size_t n_steps) {
  constexpr double kOfRun = 4000;
  return kOfRun + std::ldexp(static_cast<double>(n_steps + 1), n_qubits);
}

double cost_of(const Reach& reach) {
  return cost_of(std::popcount(reach.qubits), count(reach.steps));
}

Index prepared_together(const Program& program) {
  Index out = 0;
  for (const auto& amplitude : program.initial) out |= amplitude.basis_state;
  return out;
}

Lights::Lights(std::span<const Step> steps, std::size_t first, Index prepared)
    : first_(first), prepared_(prepared) {
  masks_.reserve(steps.size());
  for (const Step& step : steps) masks_.push_back({touched_by(step), diagonal_in(step)});
}

Reach Lights::reach(Seen seen) const {
  Reach out{.steps = std::vector<std::uint64_t>((masks_.size() + kBitsOfWord - 1) / kBitsOfWord)};
  for (std::size_t k = masks_.size(); k-- > first_;) {
    count_work();
    const auto [touched, diagonal] = masks_[k];
    const Index met = touched & seen.qubits;
    if ((met & ~(diagonal & seen.diagonal)) == 0) continue;  // they commute
    out.steps[k / kBitsOfWord] |= std::uint64_t{1} << (k % kBitsOfWord);
    seen.diagonal = (seen.diagonal | (touched & ~seen.qubits)) & (~touched | diagonal);
    seen.qubits |= touched;
  }
  out.qubits = seen.qubits | ((seen.qubits & prepared_) != 0 ? prepared_ : 0);
  return out;
}

}  // namespace qsim
