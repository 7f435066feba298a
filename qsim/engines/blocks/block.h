#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "qsim/core/memory.h"
#include "qsim/engines/blocks/shared_binding.h"
#include "qsim/kernels/batch.h"
#include "qsim/state/state.h"

// Programs on blocks of kBlock<T> samples, stage by stage (kernels/batch.h has the layout).

namespace qsim {

// States between stages are kept up to here; beyond, they would crowd out the caches and are
// computed anew by undoing the stages.
inline constexpr std::size_t kKeptBytes = std::size_t{16} << 20;

// The states of one block of samples and the numbers that differ between them. One a thread.
template <class T>
class Block {
 public:
  // keep: the states between stages are kept, as far as kKeptBytes reach, for a backward sweep.
  Block(const SharedBinding<T>& shared, bool keep);

  // Takes 1 … kBlock<T> samples: rows of inputs and, where they are per sample, of weights. Unused
  // lanes repeat the last sample.
  void bind(std::span<const double> inputs, std::span<const double> weights, Index count);
  // The states to begin with, of a binding for given states: 2^n amplitudes for all samples, or as
  // many for each; they must live on.
  void set_initial_states(std::span<const Complex> states) { initial_states_ = states; }
  void forward();
  // The state before the first stage, in ket().
  void start();
  // A stage's phases on any state, or undone. The table of one stage is kept at a time.
  void apply_phases(std::size_t l, T* state, bool inverse);
  // Applies one of a stage's other steps to any state.
  void apply_other(int index, T* state) const;
  // Bytes that a block of a program takes.
  static double bytes(const SharedBinding<T>& shared, bool keep);

  [[nodiscard]] Index count() const { return count_; }
  [[nodiscard]] T* ket() { return ket_; }
  [[nodiscard]] const T* ket() const { return ket_; }
  // The state before a stage, given that ket() is the state after its turns; it becomes ket(). The
  // matrices of the stage are undone too where nothing was kept.
  void back_to(std::size_t l);
  // Undoes one of a stage's other steps, on ket() or on a bra.
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
  std::vector<T*> before_;  // where kept: the state before each stage

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
  std::size_t table_stage_ = 0;       // whose table it is, counted from 1; 0: none's
  AlignedArray<T> columns_;
  AlignedArray<T> scratch_;
  std::vector<RunFactor<T>> factors_;
};

extern template class Block<float>;
extern template class Block<double>;

}  // namespace qsim
