#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qml/optimize/linear_loss.h"
#include "qml/optimize/objective.h"

namespace qml {

// The mean over some inputs of Σ_k coefficient_k ⟨O_k⟩, as a function of a program's weights; the
// coefficients may be others for every input, as in any loss that is linear in the values. With
// shots, values are estimates from them, every evaluation from others, and gradients come from
// parameter shift; metric tensors and fidelities are exact.
template <class T = double>
class ExpectationObjective : public Objective {
 public:
  // inputs: rows for a program that has inputs, otherwise nothing. coefficients: n_observables, or
  // as many for every row. Throws ValueError for numbers
  // that do not fit the program, or are not finite.
  ExpectationObjective(const qsim::Program& program, std::span<const double> inputs,
                       std::span<const double> coefficients, const Sampling& sampling = {});

  [[nodiscard]] bool is_exact() const override { return !sampling_.shots.has_value(); }
  [[nodiscard]] Precision precision() const override;
  std::vector<double> values(std::span<const double> rows, std::size_t count) override;
  double gradient(std::span<const double> parameters, std::span<double> gradient) override;
  std::vector<double> gradients(std::span<const double> rows, std::size_t count,
                                std::span<double> gradients) override;
  std::vector<double> metric(std::span<const double> parameters, MetricApprox approx) override;
  std::vector<double> fidelities(std::span<const double> parameters, std::span<const double> rows,
                                 std::size_t count) override;
  // ValueError, naming the weight, where an angle is no straight line in it, where amplitudes
  // depend on it, and for more than kMostFrequencies.
  std::vector<double> frequencies(std::span<const double> parameters,
                                  std::size_t parameter) override;

  static constexpr std::size_t kMostFrequencies = 64;

 private:
  // Every row of inputs beside every row of weights.
  struct Rows {
    std::vector<double> inputs;
    std::vector<double> weights;
    std::size_t size = 0;
  };
  [[nodiscard]] Rows beside(std::span<const double> weights, std::size_t count) const;
  [[nodiscard]] Batch at(std::span<const double> weights) const;
  [[nodiscard]] Batch at_each(const Rows& rows) const;
  Sampling next_sampling();

  const qsim::Program& program_;
  std::size_t size_;
  std::vector<double> inputs_;
  LinearLoss loss_;
  Sampling sampling_;
  // The last exact gradient: an optimizer that begins where it ended asks for it again.
  std::vector<double> last_at_;
  std::vector<double> last_gradient_;
  double last_value_ = 0;
};

extern template class ExpectationObjective<float>;
extern template class ExpectationObjective<double>;

}  // namespace qml
