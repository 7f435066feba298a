#include "qsim/compile/chain_rule.h"

#include <cmath>

#include "qsim/compile/bind.h"
#include "qsim/core/error.h"

namespace qsim {

void reverse_tape(const Program& program, std::span<const double> values,
                  std::span<double> adjoints) {
  program.tape.reverse(values, adjoints);
  for (std::size_t k = 0; k < program.n_parameters(); ++k) {
    require(std::isfinite(adjoints[k]), "the derivative by parameter '", parameter_name(program, k),
            "' at ", values[k], " is ", adjoints[k]);
  }
}

// ψ_i = a_i/‖a‖, so with g_i = ∂/∂ψ_i the derivative by a_j is (g_j − ψ_j g·ψ)/‖a‖.
void add_amplitude_gradient(const Program& program, std::span<const double> values,
                            std::span<const double> slopes, std::span<double> adjoints) {
  const auto entry = [&](std::size_t k) {
    return static_cast<std::size_t>(program.initial[k].entry);
  };
  double squares = 0;
  double along = 0;
  for (std::size_t k = 0; k < slopes.size(); ++k) {
    squares += values[entry(k)] * values[entry(k)];
    along += slopes[k] * values[entry(k)];
  }
  const double norm = std::sqrt(squares);
  for (std::size_t k = 0; k < slopes.size(); ++k) {
    adjoints[entry(k)] += (slopes[k] - values[entry(k)] * along / squares) / norm;
  }
}

void ChainRule::add(std::span<const double> by_slot, std::span<double> inputs,
                    std::span<double> weights) {
  adjoints_.assign(program_->tape.size(), 0.0);
  for (std::size_t slot = 0; slot < by_slot.size(); ++slot) {
    adjoints_[static_cast<std::size_t>(program_->slots[slot].entry)] += by_slot[slot];
  }
  reverse_tape(*program_, values_, adjoints_);
  for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k] += adjoints_[k];
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] += adjoints_[inputs.size() + k];
}

ChainRule::Slopes ChainRule::slopes() {
  Slopes out(program_->slots.size());
  for (std::size_t slot = 0; slot < out.size(); ++slot) {
    adjoints_.assign(program_->tape.size(), 0.0);
    adjoints_[static_cast<std::size_t>(program_->slots[slot].entry)] = 1.0;
    reverse_tape(*program_, values_, adjoints_);
    for (std::size_t k = 0; k < program_->n_parameters(); ++k) {
      if (adjoints_[k] != 0) out[slot].emplace_back(k, adjoints_[k]);
    }
  }
  return out;
}

}  // namespace qsim
