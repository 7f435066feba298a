#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "qsim/engines/blocks/block_plan.h"
#include "qsim/kernels/batch.h"

namespace qsim {

// A stage's numbers.
template <class T>
struct BoundStage {
  bool idle = false;                      // no turns, and the monomial is the identity
  std::vector<std::complex<T>> phases{};  // empty where all are 1, and there are no turns
  Index flip = 0;
  std::vector<Turn<T>> turns{};
  std::vector<Complex> frames{};  // of each turn's left phases: the second over the first
  [[nodiscard]] Monomial<T> monomial(const Stage& stage) const {
    return {stage.source.data(), phases.empty() ? nullptr : phases.data(), flip};
  }
};

// The numbers of a plan that are the same for all samples of a batch. One serves any number of
// blocks on any threads.
template <class T>
class SharedBinding {
 public:
  // What the lanes of registers hold: samples, or the lowest qubits of a single state, which needs
  // neither tables of phases nor runs as matrices of all lanes.
  enum class Lanes : unsigned char { kSamples, kQubits };
  explicit SharedBinding(const BlockPlan& plan, Lanes lanes = Lanes::kSamples);

  // Weights for all samples (none where they are per sample). Throws ValueError, naming what is not
  // finite.
  void bind(std::span<const double> weights);
  // Changes with every bind.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  [[nodiscard]] const BlockPlan& plan() const { return *plan_; }
  [[nodiscard]] const Program& program() const { return *plan_->program; }
  [[nodiscard]] const BoundStage<T>& bound(std::size_t l) const { return bound_[l]; }
  // Values of the tape's entries, and cosines and sines of the angles, that do not vary.
  [[nodiscard]] std::span<const double> values() const { return values_; }
  [[nodiscard]] const SharedAngles& angles() const { return angles_; }
  // A run's factors with what does not vary multiplied out.
  [[nodiscard]] std::span<const RunFactor<T>> merged(int step) const {
    return merged_[static_cast<std::size_t>(step)];
  }
  // A run that does not vary as one matrix, and the stage's turns as they come out of theirs.
  [[nodiscard]] Matrix2x2 run_matrix(int step) const;
  [[nodiscard]] std::span<const Turned> turned(std::size_t l) const { return turned_[l]; }
  // table[i] ← the stage's constant phases and its diagonals at index i ^ flip, times table[i].
  void multiply_diagonals(std::size_t l, Index flip, std::vector<Complex>& table) const;
  // The coefficients of a step that does not vary and is not a run.
  [[nodiscard]] std::span<const std::complex<T>> coefficients(int index) const;

 private:
  void bind_values(std::span<const double> weights);
  void bind_runs();
  void bind_turns(std::size_t l);
  void bind_phases(std::size_t l);

  const BlockPlan* plan_;
  Lanes lanes_;
  std::uint64_t generation_ = 0;
  std::vector<double> values_;
  SharedAngles angles_;
  std::vector<double> angle_values_;
  std::vector<std::vector<RunFactor<T>>> merged_;  // by step
  std::vector<std::complex<T>> coefficients_;
  std::vector<Complex> scratch_;             // the same in double precision
  std::vector<Complex> table_;               // of phases
  std::vector<Complex> before_;              // likewise
  std::vector<std::vector<Turned>> turned_;  // by stage
  std::vector<BoundStage<T>> bound_;
};

extern template class SharedBinding<float>;
extern template class SharedBinding<double>;

}  // namespace qsim
