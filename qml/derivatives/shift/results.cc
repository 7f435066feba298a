#include "qml/derivatives/shift/results.h"

#include <algorithm>
#include <cmath>

namespace qml {

ShiftResults::ShiftResults(const ShiftTask& task, const JacobianOptions& options,
                           std::size_t batch_size, Gradients& out)
    : program_(task.program),
      options_(&options),
      batch_size_(batch_size),
      n_values_(n_values(*task.program, task.quantity)),
      out_(&out) {
  if (options.shots && !task.value_shots) out.values.clear();
  if (options.std_errors) {
    out.inputs_std.resize(out.inputs.size());
    out.weights_std.resize(out.weights.size());
  }
  const std::size_t n = program_->n_parameters();
  if (options.covariance) out.covariance.resize(batch_size * n_values_ * n * n);
}

void ShiftResults::write_values(std::size_t sample, std::span<const double> values) const {
  if (out_->values.empty()) return;
  std::copy(values.begin(), values.end(),
            out_->values.begin() + static_cast<std::ptrdiff_t>(sample * n_values_));
}

void ShiftResults::write(std::size_t sample, const SlotSums& sums,
                         std::span<const double> tape_values) const {
  qsim::ChainRule rule(*program_, tape_values);
  for (std::size_t k = 0; k < n_values_; ++k) {
    rule.add(std::span(sums.gradients).subspan(k * sums.n_slots, sums.n_slots),
             row(out_->inputs, sample, k), row(out_->weights, sample, k));
  }
  if (!options_->std_errors && !options_->covariance) return;
  const auto slopes = rule.slopes();
  for (std::size_t k = 0; k < n_values_; ++k) {
    const auto variances = std::span(sums.variances).subspan(k * sums.n_slots, sums.n_slots);
    if (options_->std_errors) {
      write_std_errors(slopes, variances, row(out_->inputs_std, sample, k),
                       row(out_->weights_std, sample, k));
    }
    if (options_->covariance) write_covariance(slopes, variances, row(out_->covariance, sample, k));
  }
}

// What belongs to one value of one sample; all rows are as wide.
std::span<double> ShiftResults::row(std::vector<double>& all, std::size_t sample,
                                    std::size_t value) const {
  const std::size_t width = all.size() / (batch_size_ * n_values_);
  return std::span(all).subspan((sample * n_values_ + value) * width, width);
}

// The estimates of different slots come from different shots, so that their variances add up.
void ShiftResults::write_std_errors(const qsim::ChainRule::Slopes& slopes,
                                    std::span<const double> variances, std::span<double> inputs,
                                    std::span<double> weights) {
  const auto of = [&](std::size_t p) -> double& {
    return p < inputs.size() ? inputs[p] : weights[p - inputs.size()];
  };
  for (std::size_t slot = 0; slot < slopes.size(); ++slot) {
    for (const auto& [p, slope] : slopes[slot]) of(p) += slope * slope * variances[slot];
  }
  for (double& v : inputs) v = std::sqrt(v);
  for (double& v : weights) v = std::sqrt(v);
}

void ShiftResults::write_covariance(const qsim::ChainRule::Slopes& slopes,
                                    std::span<const double> variances,
                                    std::span<double> out) const {
  const std::size_t n = program_->n_parameters();
  for (std::size_t slot = 0; slot < slopes.size(); ++slot) {
    for (const auto& [p, by_p] : slopes[slot]) {
      for (const auto& [q, by_q] : slopes[slot]) out[p * n + q] += by_p * by_q * variances[slot];
    }
  }
}

}  // namespace qml
