#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "qsim/core/loan.h"
#include "qsim/engines/engine.h"

namespace qsim {

// The engine that runs a batch: the one that the program asks for (ValueError, naming why, where it
// cannot), or the fastest. Expectation values and variances come from light cones where a program
// has any.
// Programs of up to kMostBlockQubits qubits run in blocks of samples, but for batches so small that
// one sample at a time is faster; all others in tiles.
template <class T>
EngineKind choose_engine(const Program& program, const Batch& batch, const Needs& needs = {});

template <class T>
std::unique_ptr<Engine<T>> make_engine(EngineKind kind, const Program& program, const Batch& batch,
                                       const Needs& needs);

// Whether circuits that differ in one gate's angle run in the lanes of a block (shifted_block.h).
bool shifts_in_blocks(const Program& program, const Batch& batch);

// A program on a batch: checks both, borrows the engine from the program (it is kept between calls)
// and gives it the numbers that all samples share.
template <class T>
class BatchRun {
 public:
  // Program and batch must live on. Throws ValueError as check() does, and MemoryError.
  BatchRun(const Program& program, const Batch& batch, const Needs& needs = {});
  ~BatchRun();
  BatchRun(const BatchRun&) = delete;
  BatchRun& operator=(const BatchRun&) = delete;

  [[nodiscard]] const Engine<T>& engine() const { return *engine_; }
  [[nodiscard]] std::size_t slice_size() const { return slicing_.samples; }
  [[nodiscard]] std::size_t n_slices() const {
    return (batch_->size + slice_size() - 1) / slice_size();
  }

  // Calls body(worker) for every slice, bound to its numbers, on as many threads as are worth it.
  // Errors name the sample.
  void for_slices(const std::function<void(Worker<T>&)>& body) { run(body, Workers::kOfThreads); }

  // Whether there is room for a worker a slice, whose states then stay between two passes over the
  // slices: hold() is the first, go_on() the second. So what is read from all samples may decide
  // how each goes back.
  [[nodiscard]] bool can_hold() const;
  void hold(const std::function<void(Worker<T>&)>& body) { run(body, Workers::kOfSlices); }
  void go_on(const std::function<void(Worker<T>&)>& body) { run(body, Workers::kAsTheyAre); }

 private:
  enum class Workers : unsigned char { kOfThreads, kOfSlices, kAsTheyAre };
  void run(const std::function<void(Worker<T>&)>& body, Workers which);

  const Program* program_;
  const Batch* batch_;
  Needs needs_;
  EngineKind kind_;
  Loan<Engine<T>> engine_;
  Slicing slicing_;
};

extern template class BatchRun<float>;
extern template class BatchRun<double>;

}  // namespace qsim
