#pragma once

#include <span>
#include <vector>

#include "qml/derivatives/noisy.h"
#include "qml/optimize/linear_loss.h"
#include "qml/optimize/objective.h"

namespace qml {

// The mean over some inputs of Σ_k coefficient_k ⟨O_k⟩ under noise, as a function of the weights.
// With trajectories, values and gradients are estimates, every evaluation from others.
template <class T = double>
class NoisyObjective : public Objective {
 public:
  // As for ExpectationObjective.
  NoisyObjective(const NoisyProgram& program, std::span<const double> inputs,
                 std::span<const double> coefficients, const NoisySampling& sampling = {});

  [[nodiscard]] bool is_exact() const override { return !sampling_.trajectories.has_value(); }
  [[nodiscard]] Precision precision() const override;
  std::vector<double> values(std::span<const double> rows, std::size_t count) override;
  double gradient(std::span<const double> parameters, std::span<double> gradient) override;

 private:
  [[nodiscard]] std::size_t n_inputs() const { return program_.schedule.angles.inputs.size(); }
  [[nodiscard]] std::size_t n_weights() const { return program_.schedule.angles.weights.size(); }
  // Every row of inputs beside every row of weights, as noisy programs take them.
  [[nodiscard]] std::vector<double> beside(std::span<const double> weights,
                                           std::size_t count) const;
  NoisySampling next_sampling();

  const NoisyProgram& program_;
  std::size_t size_;
  std::vector<double> inputs_;
  LinearLoss loss_;
  NoisySampling sampling_;
};

extern template class NoisyObjective<float>;
extern template class NoisyObjective<double>;

}  // namespace qml
