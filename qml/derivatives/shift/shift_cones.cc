#include "qml/derivatives/shift/shift_cones.h"

#include <cmath>
#include <memory>
#include <numeric>

#include "qml/derivatives/shift/plan.h"
#include "qml/derivatives/shift/shot_plan.h"
#include "qsim/compile/light_cone.h"
#include "qsim/core/loan.h"
#include "qsim/engines/cones/engine.h"

namespace qml {
namespace {

using qsim::Program;

// The options of every part: shots and seeds of their own.
std::vector<JacobianOptions> options_of(const std::vector<Program>& parts,
                                        const JacobianOptions& options) {
  std::vector<JacobianOptions> out(parts.size(), options);
  if (!options.shots) return out;
  for (std::size_t k = 0; k < out.size(); ++k) out[k].seed = qsim::cone_seed(options.seed, k);
  if (options.allocation == ShotAllocation::kEach) return out;
  std::vector<double> weights;
  std::vector<std::size_t> first{0};
  for (const Program& part : parts) {
    const auto of_part = shot_weights(part, ShiftPlan(part), options.quantity, options.allocation);
    weights.insert(weights.end(), of_part.begin(), of_part.end());
    first.push_back(weights.size());
  }
  const auto shots = split_budget(*options.shots, least_shots(options), weights);
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[k].shots =
        std::accumulate(shots.begin() + static_cast<std::ptrdiff_t>(first[k]),
                        shots.begin() + static_cast<std::ptrdiff_t>(first[k + 1]), std::int64_t{0});
  }
  return out;
}

// Adds rows of a part's observables to those of the whole's.
class RowAdder {
 public:
  RowAdder(const std::vector<std::size_t>& of, std::size_t n) : of_(of), n_(n) {}
  // With squares: √(a² + b²).
  void operator()(const std::vector<double>& from, std::size_t columns, std::vector<double>& to,
                  bool squares = false) const {
    for (std::size_t k = 0; k < from.size(); ++k) {
      const std::size_t row = k / columns;
      const std::size_t whole_row = row / of_.size() * n_ + of_[row % of_.size()];
      double& value = to[whole_row * columns + k % columns];
      value = squares ? std::hypot(value, from[k]) : value + from[k];
    }
  }

 private:
  const std::vector<std::size_t>& of_;
  std::size_t n_;
};

}  // namespace

template <class T>
void shift_cones(const Program& program, const Batch& batch, const JacobianOptions& options,
                 Gradients& out) {
  const auto reads = qsim::reads_of(options.quantity);
  const auto cones = qsim::cones_for(program, reads);
  const qsim::Loan<std::vector<Program>> parts(
      program.prepared, reads == qsim::Reads::kVariances ? 1 : 0, [&] {
        auto made = std::make_unique<std::vector<Program>>();
        for (const auto& cone : cones) made->push_back(part_of(program, *program.cones, cone));
        return made;
      });
  const std::size_t n_inputs = program.inputs.size();
  const std::size_t n_weights = program.weights.size();
  const std::size_t n_all = n_inputs + n_weights;
  if (options.shots && options.allocation != ShotAllocation::kEach) out.values.clear();
  if (options.std_errors) {
    out.inputs_std.resize(out.inputs.size());
    out.weights_std.resize(out.weights.size());
  }
  const std::size_t n = program.observables.size();
  if (options.covariance) out.covariance.resize(batch.size * n * n_all * n_all);
  const auto of_parts = options_of(*parts, options);
  for (std::size_t k = 0; k < cones.size(); ++k) {
    if (of_parts[k].shots == 0) continue;  // of a budget: no gate of the part has an angle
    const Gradients found = jacobian<T>((*parts)[k], batch, of_parts[k]);
    const RowAdder add(cones[k].of, n);
    add(found.values, 1, out.values);
    add(found.inputs, n_inputs, out.inputs);
    add(found.weights, n_weights, out.weights);
    add(found.inputs_std, n_inputs, out.inputs_std, true);
    add(found.weights_std, n_weights, out.weights_std, true);
    add(found.covariance, n_all * n_all, out.covariance);
  }
}

template void shift_cones<float>(const Program&, const Batch&, const JacobianOptions&, Gradients&);
template void shift_cones<double>(const Program&, const Batch&, const JacobianOptions&, Gradients&);

}  // namespace qml
