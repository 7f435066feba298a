#pragma once

#include <optional>
#include <span>
#include <vector>

#include "qsim/engines/blocks/block.h"
#include "qsim/engines/blocks/block_sweep.h"
#include "qsim/engines/blocks/observables.h"
#include "qsim/engines/engine.h"

namespace qsim {

// What one thread needs to run blocks.
template <class T>
class BlockWorker final : public Worker<T> {
 public:
  BlockWorker(const SharedBinding<T>& shared, const Needs& needs);

  void forward() override { block_.forward(); }
  void forward_again() override { block_.forward(); }

  void values(Quantity quantity, const Sampling& sampling, std::span<double> out) override;
  const State<T>& state(std::size_t sample) override;
  void copy_to_panel(T* panel) override;

  [[nodiscard]] std::size_t n_bras() const override { return sweep_->n_bras(); }
  void set_bra(std::size_t bra, Quantity quantity, std::span<const double> cotangents) override;
  void backward() override { sweep_->run(block_); }
  void read(std::size_t bra, std::size_t sample, std::span<double> inputs,
            std::span<double> weights) override {
    sweep_->read(block_, bra, sample, inputs, weights);
  }
  void read_sums(std::span<double> inputs, std::span<double> sums) override;

 private:
  void bind_slice(const Batch& batch) override;
  [[nodiscard]] const Program& program() const { return shared_->program(); }

  const SharedBinding<T>* shared_;
  Block<T> block_;
  BlockObservables<T> observables_;
  std::optional<BlockSweep<T>> sweep_;
  std::vector<double> numbers_;        // a half row an observable
  std::optional<State<T>> state_;      // of one sample
  std::optional<State<T>> bra_state_;  // likewise
};

extern template class BlockWorker<float>;
extern template class BlockWorker<double>;

}  // namespace qsim
