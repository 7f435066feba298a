#pragma once

#include <complex>
#include <span>
#include <vector>

#include "qsim/compile/layers.h"
#include "qsim/core/memory.h"
#include "qsim/execute/run.h"
#include "qsim/kernels/batch.h"
#include "qsim/state/state.h"

// Programs on blocks of kBlock<T> samples, layer by layer (kernels/batch.h has the layout).

namespace qsim {

// What is the same for all samples of a batch: the plan, and the numbers that only weights change.
// One serves any number of blocks on any threads.
template <class T>
class SharedBinding {
 public:
  // What the numbers are for: blocks of samples, or a single state (layered_state.h), which needs
  // neither tables of phases nor runs as matrices of all lanes; or blocks that begin with states
  // given from outside.
  enum class Use : unsigned char { kBlocks, kState, kGivenStates };
  SharedBinding(const Program& program, bool weights_per_sample, Use use = Use::kBlocks);

  // Weights for all samples (none where they are per sample). Throws ValueError, naming what is not
  // finite.
  void bind(std::span<const double> weights);
  // Changes with every bind.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  struct BoundLayer {
    bool idle = false;                      // no turns, and the monomial is the identity
    std::vector<std::complex<T>> phases{};  // empty where all are 1, and there are no turns
    Index flip = 0;
    std::vector<Turn<T>> turns{};
    std::vector<Complex> frames{};  // of each turn's left phases: the second over the first
    [[nodiscard]] Monomial<T> monomial(const Layer& layer) const {
      return {layer.source.data(), phases.empty() ? nullptr : phases.data(), flip};
    }
  };

  [[nodiscard]] const Program& program() const { return *program_; }
  [[nodiscard]] const Layers& layers() const { return layers_; }
  [[nodiscard]] const BoundLayer& bound(std::size_t layer) const { return bound_[layer]; }
  [[nodiscard]] const Step& step(int index) const {
    return program_->steps[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] bool step_varies(int index) const {
    return varies(step(index), layers_.weights_per_sample);
  }
  [[nodiscard]] std::span<const int> varying_slots() const { return varying_slots_; }
  [[nodiscard]] bool slot_varies(int slot) const {
    return slot_varies_[static_cast<std::size_t>(slot)] != 0;
  }
  // The pieces of a run on one qubit, and its factors with what does not vary multiplied out.
  [[nodiscard]] const Run& run(int step) const { return runs_[static_cast<std::size_t>(step)]; }
  [[nodiscard]] std::span<const RunFactor<T>> merged(int step) const {
    return merged_[static_cast<std::size_t>(step)];
  }
  // A run that does not vary as one matrix, and the layer's turns as they come out of theirs.
  [[nodiscard]] Matrix2x2 run_matrix(int step) const;
  [[nodiscard]] std::span<const Turned> turned(std::size_t layer) const { return turned_[layer]; }
  // table[i] ← the layer's constant phases and its diagonals at index i ^ flip, times table[i].
  void multiply_diagonals(std::size_t layer, Index flip, std::vector<Complex>& table) const;
  // Where the half angle of a rotation that is not a run is among the angles, varying or shared.
  [[nodiscard]] int rotation_angle(int step) const {
    return rotation_angle_[static_cast<std::size_t>(step)];
  }
  [[nodiscard]] const AngleUses& uses() const { return uses_; }
  [[nodiscard]] const SharedAngles& angles() const { return angles_; }
  // A layer's phases as one exponential of strings of Zs, exp(−i Σ_k θ_k Z_mask[k]), where each
  // step adds its half angle, times a weight, to some θ_k.
  struct PhaseTerms {
    std::vector<Index> masks{};  // rising
    struct Use {
      std::size_t term = 0;
      int step = 0;
      double weight = 0.0;
    };
    std::vector<Use> uses{};
    std::size_t first = 0;  // the terms of the layers before
  };
  [[nodiscard]] const PhaseTerms& phase_terms(std::size_t layer) const {
    return phase_terms_[layer];
  }
  [[nodiscard]] std::size_t n_phase_terms() const { return n_phase_terms_; }
  // The coefficients of a step that does not vary and is not a run.
  [[nodiscard]] std::span<const std::complex<T>> coefficients(int index) const;
  // Tape entries: values of those that do not vary, and the computed ones that do.
  [[nodiscard]] std::span<const double> values() const { return values_; }
  [[nodiscard]] std::span<const int> varying_entries() const { return varying_entries_; }
  [[nodiscard]] std::span<const int> same_entries() const { return same_entries_; }
  [[nodiscard]] bool entry_varies(int entry) const {
    return entry_varies_[static_cast<std::size_t>(entry)] != 0;
  }

 private:
  void plan_runs();
  void plan_other(int index);
  void plan_phases(std::size_t layer);
  void bind_values(std::span<const double> weights);
  void bind_runs();
  void bind_turns(std::size_t layer);
  void bind_phases(std::size_t layer);

  const Program* program_;
  Use use_;
  Layers layers_;
  std::uint64_t generation_ = 0;
  std::vector<char> entry_varies_;
  std::vector<int> varying_entries_;
  std::vector<int> same_entries_;
  std::vector<char> slot_varies_;
  std::vector<int> varying_slots_;
  std::vector<Run> runs_;          // per step; empty where it is not a run
  std::vector<int> block_runs_;    // runs that blocks take as matrices
  std::vector<int> filled_steps_;  // diagonals and other steps that do not vary
  std::vector<int> rotation_angle_;
  std::vector<PhaseTerms> phase_terms_;  // per layer
  std::size_t n_phase_terms_ = 0;
  AngleUses uses_;

  std::vector<double> values_;
  SharedAngles angles_;
  std::vector<double> angle_values_;
  std::vector<std::vector<RunFactor<T>>> merged_;
  std::vector<std::complex<T>> coefficients_;
  std::vector<Complex> scratch_;
  std::vector<Complex> table_;               // of phases
  std::vector<Complex> before_;              // likewise
  std::vector<std::vector<Turned>> turned_;  // per layer
  std::vector<BoundLayer> bound_;
};

// The states of one block of samples and the numbers that differ between them. One a thread.
template <class T>
class Block {
 public:
  // keep: the states between layers are kept, as far as kKeptBytes reach, for a backward sweep.
  Block(const SharedBinding<T>& shared, bool keep);

  // Takes 1 … kBlock<T> samples: rows of inputs and, where they are per sample, of weights. Unused
  // lanes repeat the last sample.
  void bind(std::span<const double> inputs, std::span<const double> weights, Index count);
  // The states to begin with, of a binding for given states: 2^n amplitudes for all samples, or as
  // many for each; they must live on.
  void set_initial_states(std::span<const Complex> states) { initial_states_ = states; }
  void forward();
  // The state before the first layer, in ket().
  void start();
  // A layer's phases on any state, or undone. The table of one layer is kept at a time.
  void apply_phases(std::size_t layer, T* state, bool inverse);
  // Applies one of a layer's other steps to any state.
  void apply_other(int index, T* state) const;
  // Bytes that a block of a program takes.
  static double bytes(const SharedBinding<T>& shared, bool keep);

  [[nodiscard]] Index count() const { return count_; }
  [[nodiscard]] T* ket() { return ket_; }
  [[nodiscard]] const T* ket() const { return ket_; }
  // The state before a layer, given that ket() is the state after its turns; it becomes ket(). The
  // matrices of the layer are undone too where nothing was kept.
  void back_to(std::size_t layer);
  // Undoes one of a layer's other steps, on ket() or on a bra.
  void undo_other(int index, T* state) const;

  // Coefficient rows of a run that is not a turn (four) or of another step.
  [[nodiscard]] const T* rows(int step) const {
    return rows_.get() + row_of_[static_cast<std::size_t>(step)] * kRow<T>;
  }
  // Cosines and sines of the varying angle k, kBlock<T> of each.
  [[nodiscard]] const double* cosines(int k) const { return c_.data() + at(k); }
  [[nodiscard]] const double* sines(int k) const { return s_.data() + at(k); }
  [[nodiscard]] std::span<const double> values(Index lane) const { return values_[lane]; }
  [[nodiscard]] const T* columns() const { return columns_.get(); }
  [[nodiscard]] T* scratch() const { return scratch_.get(); }
  [[nodiscard]] const SharedBinding<T>& shared() const { return *shared_; }

 private:
  static std::size_t at(int k) { return static_cast<std::size_t>(k) * kBlock<T>; }
  void plan_rows();
  void bind_angles();
  void bind_step(int step);
  void fill_shared_rows();
  void bind_run(int step, T* out);
  void bind_other(int index, T* out);
  void bind_columns();
  void bind_phases();
  void start_from_amplitudes();
  void start_from_states();
  [[nodiscard]] T* buffer(std::size_t k) { return buffers_.get() + k * state_size_; }

  const SharedBinding<T>* shared_;
  std::size_t state_size_;
  bool keep_;
  std::uint64_t generation_ = 0;
  Index count_ = 0;
  std::span<const Complex> initial_states_;
  AlignedArray<T> buffers_;
  T* ket_ = nullptr;
  T* spare_ = nullptr;
  std::vector<T*> before_;  // where kept: the state before each layer

  std::vector<std::vector<double>> values_;  // tape entries of each lane
  std::vector<double> angles_;
  std::vector<double> c_;
  std::vector<double> s_;
  AlignedArray<T> narrow_;  // the same, in the precision of the states
  std::vector<std::size_t> row_of_;
  std::vector<int> varying_steps_;
  AlignedArray<T> rows_;
  AlignedArray<T> phase_numbers_;     // cosines of all phase terms, then sines
  std::vector<double> phase_angles_;  // and of their θ, cosines and sines in double precision
  AlignedArray<T> phase_table_;       // and its scratch
  std::size_t table_layer_ = 0;       // whose table it is, counted from 1; 0: none's
  AlignedArray<T> columns_;
  AlignedArray<T> scratch_;
  std::vector<RunFactor<T>> factors_;
};

// One sample's state out of the rows of a block.
template <class T>
void copy_lane(const T* rows, Index lane, State<T>& state);

extern template class SharedBinding<float>;
extern template class SharedBinding<double>;
extern template class Block<float>;
extern template class Block<double>;

}  // namespace qsim
