#pragma once

#include <span>
#include <vector>

#include "qsim/engines/blocks/block.h"

// One circuit, the same in all lanes of a block, with a different angle shifted in each.

namespace qsim {

// The angle of slot `slot` is larger by `shift` in lane `lane`.
struct LaneShift {
  Index lane = 0;
  int slot = 0;
  double shift = 0.0;
};

// A gate commutes with its own generator, so a shifted angle is a gate exp(−i·shift·G) put behind
// it, which is done in one lane where the walk along the stages passes it. What comes before the
// first of a block's shifts is the same in all lanes and is walked once for all blocks.
template <class T>
class ShiftedBlock {
 public:
  // The binding's program has no inputs: all its parameters are the same for all lanes. n_results:
  // how many blocks of final states are kept apart.
  ShiftedBlock(const SharedBinding<T>& shared, std::size_t n_results);

  // Slots in the order in which a walk passes their gates.
  [[nodiscard]] const std::vector<int>& order() const { return order_; }

  // To be called when the binding has new numbers: runs the circuit as it stands.
  void bind();
  [[nodiscard]] const T* unshifted() const { return block_.ket(); }

  // The final states with these shifts, at most one a lane; lanes without one end as the circuit
  // stands. Shifts are sorted by order(), and the first of a run is not before the first of a run
  // before it since bind(). The states live until the next run for the same result.
  const T* run(std::span<const LaneShift> shifts, std::size_t result);

 private:
  enum class Rank : unsigned char { kStart, kDiagonal, kSingle, kOther };
  // Where a slot's gate acts.
  struct GatePlace {
    std::size_t stage = 0;
    Rank rank = Rank::kStart;
    std::size_t index = 0;  // among the stage's diagonals, or its turns and then matrices
    int step = 0;
    std::size_t factor = 0;
  };
  // States that a walk goes back and forth between.
  struct Walk {
    T* state = nullptr;
    T* spare = nullptr;
  };

  void plan_places();
  void bind_tails();
  [[nodiscard]] const GatePlace& place(const LaneShift& shift) const {
    return places_[static_cast<std::size_t>(shift.slot)];
  }
  [[nodiscard]] const Factor& factor(const GatePlace& place) const {
    return shared_->plan().step(place.step).factors[place.factor];
  }
  void advance(std::size_t to);
  void start(Walk& walk);
  void stage(std::size_t l, Walk& walk);
  void shift_at(int step, T* state);
  void shift_diagonal(const LaneShift& shift, T* state) const;
  void shift_runs(std::span<const LaneShift> shifts, T* state);
  void shift_rotations(std::span<const LaneShift> shifts, T* state);
  void shift_matrices(std::span<const LaneShift> shifts, T* state);
  [[nodiscard]] Matrix2x2 behind_run(const LaneShift& shift) const;
  void set_identity(std::size_t size);
  [[nodiscard]] Walk walk(std::size_t k) {
    return {buffers_.get() + 2 * k * state_size_, buffers_.get() + (2 * k + 1) * state_size_};
  }

  const SharedBinding<T>* shared_;
  Block<T> block_;
  std::size_t state_size_;
  AlignedArray<T> buffers_;  // of the results, then of the prefix
  Walk prefix_;              // the state before stage prefix_stage_
  std::size_t prefix_stage_ = 0;
  std::vector<GatePlace> places_;  // by slot
  std::vector<int> order_;
  std::vector<Matrix2x2> tails_;     // by slot: what follows its gate in its run
  std::span<const LaneShift> rest_;  // shifts that a walk has not passed
  AlignedArray<T> rows_;             // coefficients
};

extern template class ShiftedBlock<float>;
extern template class ShiftedBlock<double>;

}  // namespace qsim
