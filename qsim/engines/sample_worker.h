#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "qsim/core/interrupt.h"
#include "qsim/engines/engine.h"
#include "qsim/state/lanes.h"

namespace qsim {

// The worker of an engine that takes one sample at a time. Workspace is what runs one, made from a
// program and needs:
//   bind(batch, sample), forward(), forward_again(), ket(), bra(), backward(), adjoints()
// with the derivatives by all parameters first among the adjoints.
template <class T, class Workspace>
class SampleWorker final : public Worker<T> {
 public:
  SampleWorker(const Program& program, const Needs& needs)
      : program_(&program), workspace_(program, needs) {}

  void forward() override {
    poll_interrupt();
    workspace_.forward();
  }
  void forward_again() override { workspace_.forward_again(); }

  void values(Quantity quantity, const Sampling& sampling, std::span<double> out) override {
    read_values(*program_, workspace_.ket(), quantity, sampling, this->first(), out);
  }
  const State<T>& state(std::size_t /*sample*/) override { return workspace_.ket(); }
  void copy_to_panel(T* panel) override {
    copy_to_lane(workspace_.ket(), this->first() % kBlock<T>, panel);
  }

  [[nodiscard]] std::size_t n_bras() const override { return 1; }
  void set_bra(std::size_t /*bra*/, Quantity quantity,
               std::span<const double> cotangents) override {
    fill_bra(*program_, quantity, cotangents, workspace_.ket(), workspace_.bra());
  }
  void backward() override { workspace_.backward(); }
  void read(std::size_t /*bra*/, std::size_t /*sample*/, std::span<double> inputs,
            std::span<double> weights) override {
    std::ranges::fill(inputs, 0.0);
    std::ranges::fill(weights, 0.0);
    add(inputs, weights);
  }
  void read_sums(std::span<double> inputs, std::span<double> sums) override {
    std::ranges::fill(inputs, 0.0);
    add(inputs, sums);
  }

 private:
  void bind_slice(const Batch& batch) override { workspace_.bind(batch, this->first()); }
  void add(std::span<double> inputs, std::span<double> weights) const {
    const std::span<const double> adjoints = workspace_.adjoints();
    for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k] += adjoints[k];
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] += adjoints[inputs.size() + k];
  }

  const Program* program_;
  Workspace workspace_;
};

}  // namespace qsim
