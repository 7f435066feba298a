#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "qsim/compile/program.h"
#include "qsim/engines/engine.h"

namespace qsim {

// One light cone of a program.
template <class T>
struct ConePart {
  Program program{};
  std::vector<std::size_t> of{};  // the whole's observables that its own add to
  std::unique_ptr<Engine<T>> engine{};
  std::size_t first_sum = 0;  // where its sums begin among those of all
};

// One thread's workers of all cones.
template <class T>
class ConeWorker final : public Worker<T> {
 public:
  // The parts must live on.
  explicit ConeWorker(const std::vector<std::unique_ptr<ConePart<T>>>& parts);

  void forward() override;
  void forward_again() override;
  void values(Quantity quantity, const Sampling& sampling, std::span<double> out) override;
  // There is no state of the whole.
  const State<T>& state(std::size_t sample) override;
  void copy_to_panel(T* panel) override;

  [[nodiscard]] std::size_t n_bras() const override;
  void set_bra(std::size_t bra, Quantity quantity, std::span<const double> cotangents) override;
  void backward() override;
  void read(std::size_t bra, std::size_t sample, std::span<double> inputs,
            std::span<double> weights) override;
  void read_sums(std::span<double> inputs, std::span<double> sums) override;

 private:
  struct Part {
    const ConePart<T>* cone = nullptr;
    std::unique_ptr<Worker<T>> worker{};
    std::vector<std::vector<double>> cotangents{};  // of every bra, row by row, …
    std::size_t n_bras = 0;                         // … so many of them
    bool at_end = false;                            // its states are the final ones
    bool asked_for = false;                         // by some cotangent of the last bras
  };
  void bind_slice(const Batch& batch) override;

  std::vector<Part> parts_;
  Quantity quantity_ = Quantity::kExpval;  // of the bras
  std::vector<double> numbers_;            // of one part
  std::vector<double> inputs_;
  std::vector<double> weights_;
};

extern template class ConeWorker<float>;
extern template class ConeWorker<double>;

}  // namespace qsim
