#pragma once

#include <optional>
#include <span>
#include <vector>

#include "qsim/engines/blocks/bloch.h"
#include "qsim/engines/engine.h"
#include "qsim/engines/stages/staged_state.h"

namespace qsim {

// What one thread needs to run small programs one sample at a time, stage by stage: as
// TileWorkspace, but faster where the states fit the first caches.
template <class T>
class StageWorkspace {
 public:
  explicit StageWorkspace(const Program& program, const Needs& needs = {});
  static double bytes(const Program& program, const Needs& needs);

  void bind(const Batch& batch, std::size_t sample);
  void bind(std::span<const double> inputs, std::span<const double> weights);
  void forward() { state_.forward(); }
  // Costs no more than a copy of what it keeps.
  void forward_again() { forward(); }
  // The adjoint method, stage by stage (block_sweep.h). Consumes both states; the derivatives by
  // all parameters are then the first adjoints.
  void backward();
  [[nodiscard]] std::span<const double> adjoints() const { return adjoints_; }

  [[nodiscard]] const State<T>& ket() const { return state_.ket(); }
  [[nodiscard]] State<T>& bra() { return *bra_; }

 private:
  void plan_measurements();
  void stage_back(std::size_t l);
  void measure(std::span<const int> steps, std::span<const Qubit> targets);
  void diagonals_back(const Stage& stage);
  [[nodiscard]] Bloch low_transition(Qubit q) const;
  [[nodiscard]] bool has_slots(int step) const { return step >= 0 && plan_.step(step).has_slots; }

  Program program_;
  BlockPlan plan_;
  SharedBinding<T> shared_;
  StagedState<T> state_;
  std::optional<State<T>> bra_;
  std::optional<State<T>> spare_;
  std::vector<double> parameters_;
  // Runs with angles, by stage, those on |0⟩ in front; first those on qubits within a row.
  struct Measured {
    std::vector<int> steps{};
    std::vector<Qubit> targets{};  // of the others, less kBlockBits
  };
  std::vector<Measured> measured_;
  std::size_t first_slotted_ = 0;  // no stage below has an angle
  double overlap_ = 0.0;           // Im⟨bra|ket⟩
  std::vector<double> by_slot_;
  std::vector<double> adjoints_;
  std::vector<BlochRow<T>> bloch_;
  AlignedArray<T> low_;  // rows: of each low qubit, and ⟨bra|ket⟩ lane by lane
  AlignedArray<T> scratch_;
};

extern template class StageWorkspace<float>;
extern template class StageWorkspace<double>;

}  // namespace qsim
