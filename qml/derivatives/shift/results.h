#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qml/derivatives/shift/shifted_values.h"
#include "qsim/compile/chain_rule.h"

namespace qml {

// Where the results of parameter shift go. Samples may be written from different threads.
class ShiftResults {
 public:
  // Allocates what the options ask for beside values, inputs and weights.
  ShiftResults(const ShiftTask& task, const JacobianOptions& options, std::size_t batch_size,
               Gradients& out);

  // Those of the unshifted circuit; dropped where there are shots, which do not measure it.
  void write_values(std::size_t sample, std::span<const double> values) const;
  // Derivatives by parameters, and their errors, from those by slots: the chain rule where the
  // tape's entries have given values.
  void write(std::size_t sample, const SlotSums& sums, std::span<const double> tape_values) const;

 private:
  [[nodiscard]] std::span<double> row(std::vector<double>& all, std::size_t sample,
                                      std::size_t value) const;
  static void write_std_errors(const qsim::ChainRule::Slopes& slopes,
                               std::span<const double> variances, std::span<double> inputs,
                               std::span<double> weights);
  void write_covariance(const qsim::ChainRule::Slopes& slopes, std::span<const double> variances,
                        std::span<double> out) const;

  const qsim::Program* program_;
  const JacobianOptions* options_;
  std::size_t batch_size_;
  std::size_t n_values_;
  Gradients* out_;
};

}  // namespace qml
