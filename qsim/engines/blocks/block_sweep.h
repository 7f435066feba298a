#pragma once

#include <array>
#include <span>
#include <vector>

#include "qsim/engines/blocks/block.h"

namespace qsim {

// The backward sweep over one block of samples: the adjoint method, stage by stage, for one or more
// bras at once. A stage's gates on single qubits cost one pass over ket and bra that measures three
// numbers a qubit, m_P = Im⟨bra|P|ket⟩ for P = X, Y, Z; the derivatives by all angles of a run on
// that qubit follow from these by rotating them back, factor by factor.
template <class T>
class BlockSweep {
 public:
  // per_sample: derivatives by weights are kept apart for each sample even where the weights are
  // the same.
  BlockSweep(const SharedBinding<T>& shared, std::size_t n_bras, bool per_sample);

  [[nodiscard]] std::size_t n_bras() const { return bras_.size(); }
  // Where a bra of the next sweep is to be written, 2^n rows; zero in lanes that are not used.
  [[nodiscard]] T* bra(std::size_t k) { return bras_[k].state; }

  // Bytes that n_bras take.
  static double bytes(const SharedBinding<T>& shared, std::size_t n_bras);

  // One sweep; consumes the block's state and the bras. Afterwards the derivatives of
  // 2 Re⟨bra|ψ⟩ can be read.
  void run(Block<T>& block);

  // Writes ∂/∂parameter for a sample, where gradients are per sample.
  void read(const Block<T>& block, std::size_t bra, Index lane, std::span<double> inputs,
            std::span<double> weights);
  // Writes a sample's ∂/∂input and adds to the adjoints of the tape entries that all samples share,
  // from which the derivatives by weights follow.
  void read_shared(const Block<T>& block, Index lane, std::span<double> inputs,
                   std::span<double> shared_adjoints);
  // Adds what all samples share, once a block.
  void add_shared(std::span<double> shared_adjoints);

 private:
  struct Bra {
    T* state = nullptr;
    T* spare = nullptr;
    std::vector<double> lane_slots{};        // ∂/∂angle by slot, a number a lane
    std::vector<double> shared_slots{};      // of slots for which the lanes are summed
    std::vector<double> amplitudes{};        // ∂/∂amplitude, a number a lane
    std::array<std::vector<double>, 4> m{};  // m_X, m_Y, m_Z and Im⟨bra|ket⟩, a number a lane
  };

  // A run on one qubit of a stage that has angles; its place among the turns, or −1.
  struct Measured {
    int step = 0;
    int turn = -1;
  };

  void plan_measurements();
  void stage_back(Block<T>& block, std::size_t l);
  void singles_back(const Block<T>& block, std::size_t l, Bra& bra);
  void phases_back(Block<T>& block, std::size_t l, Bra& bra);
  void other_back(const Block<T>& block, int index, Bra& bra);
  void diagonals_back(const Block<T>& block, const Stage& stage, Bra& bra);
  void turn_back(const Block<T>& block, int step, const BlochRow<T>& row, Complex frame, Bra& bra);
  void shared_turn_back(int step, std::array<double, 3> m, double m0, Bra& bra);
  void lanes_turn_back(const Block<T>& block, int step, Bra& bra);
  void varying_piece_back(const Block<T>& block, const RunPiece& piece, Bra& bra);
  void shared_pieces_back(std::span<const RunPiece> pieces, Bra& bra);
  void amplitudes_back(const Block<T>& block, Bra& bra);
  void add_slope(Bra& bra, int slot, std::span<const double> slopes);
  void gather_adjoints(const Bra& bra, Index lane);
  [[nodiscard]] bool by_lane(int slot) const {
    return per_sample_ || shared_->plan().slot_varies(slot);
  }
  [[nodiscard]] bool has_slots(int step) const { return shared_->plan().step(step).has_slots; }
  [[nodiscard]] bool any_slots(std::span<const int> steps) const;

  const SharedBinding<T>* shared_;
  bool per_sample_;
  int n_qubits_;
  std::size_t first_slotted_ = 0;                // no stage below has an angle
  std::vector<std::vector<Measured>> measured_;  // by stage
  std::vector<std::vector<Qubit>> targets_;      // their qubits
  AlignedArray<T> buffers_;
  T* scratch_;
  std::vector<Bra> bras_;
  std::vector<BlochRow<T>> bloch_;
  AlignedArray<T> diagonal_;  // half rows Im(conj(bra_i) ket_i)
  std::vector<double> diagonal_sums_;
  std::vector<std::vector<std::complex<T>>> generators_;  // of evolutions, by step
  std::vector<int> lane_slots_;                           // those with a derivative for each lane
  std::vector<int> fed_;  // shared tape entries that varying ones are computed from
  std::vector<double> adjoints_;
};

extern template class BlockSweep<float>;
extern template class BlockSweep<double>;

}  // namespace qsim
