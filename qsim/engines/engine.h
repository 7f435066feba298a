#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "qsim/compile/engine_kind.h"
#include "qsim/engines/batch.h"
#include "qsim/observables/quantity.h"
#include "qsim/state/state.h"

// How a program runs on numbers. An engine takes a batch in slices of samples. A worker, one a
// thread, takes one slice after another forwards, gives what is read from its final states, and
// goes back with bras for the derivatives. Each engine is a folder beside this file; batch_run.h
// chooses one and drives it.

namespace qsim {

// What a batch is run for.
struct Needs {
  std::size_t n_bras = 0;   // that go back for every sample; none: forwards only
  bool per_sample = false;  // derivatives by weights apart for each sample, where they share them
  bool in_order = false;    // slices come one after another
  Reads reads = Reads::kStates;
};

template <class T>
class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  virtual ~Worker() = default;

  // The slice: samples [first(), first() + count()) of the batch. Below, they are numbered from 0.
  [[nodiscard]] std::size_t first() const { return first_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  // Takes a slice of a batch, which must live on.
  void bind(const Batch& batch, std::size_t first, std::size_t count) {
    first_ = first;
    count_ = count;
    bind_slice(batch);
  }

  virtual void forward() = 0;
  // The final states once more, after a way back has consumed them.
  virtual void forward_again() = 0;

  // Writes what is read from the final states, row by row.
  virtual void values(Quantity quantity, const Sampling& sampling, std::span<double> out) = 0;
  // One final state; it stays until the next is asked for.
  virtual const State<T>& state(std::size_t sample) = 0;
  // Copies the final states into lanes of a panel, that of sample k into lane first() + k modulo
  // their number (kernels/batch.h has the layout).
  virtual void copy_to_panel(T* panel) = 0;

  // The adjoint method (Jones & Gacon 2020, arXiv:2009.02823) with so many bras at once.
  [[nodiscard]] virtual std::size_t n_bras() const = 0;
  // A bra for Σ_k cotangent_k · value_k, from a row of cotangents a sample.
  virtual void set_bra(std::size_t bra, Quantity quantity, std::span<const double> cotangents) = 0;
  // Consumes the states and the bras.
  virtual void backward() = 0;
  // Afterwards: writes one sample's derivatives.
  virtual void read(std::size_t bra, std::size_t sample, std::span<double> inputs,
                    std::span<double> weights) = 0;
  // Or, of the first bra: writes all samples' derivatives by inputs, and adds what those by shared
  // weights follow from, which Engine::finish takes.
  virtual void read_sums(std::span<double> inputs, std::span<double> sums) = 0;

 private:
  virtual void bind_slice(const Batch& batch) = 0;

  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

// How a batch is cut. Work is in amplitudes times steps, or whatever lasts about as long.
struct Slicing {
  std::size_t samples = 1;     // of a slice
  double work = 0.0;           // of a slice
  double worth_threads = 0.0;  // less work in all is done before threads have started
  double between_polls = 0.0;  // the work after which interrupts are asked for
};

template <class T>
class Engine {
 public:
  explicit Engine(const Program& program) : program_(&program) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  // Numbers that all samples of a batch share. Throws ValueError, naming what is not finite.
  virtual void bind(const Batch& batch) = 0;
  [[nodiscard]] virtual Slicing slicing(const Batch& batch) const = 0;

  // The sums that workers add to, and the derivatives by shared weights from those of all slices.
  [[nodiscard]] virtual std::size_t n_sums() const { return program_->weights.size(); }
  virtual void finish(std::span<double> sums, std::span<double> weights) const {
    std::copy(sums.begin(), sums.end(), weights.begin());
  }

  // Room for the workers of so many threads. Throws MemoryError before anything is allocated.
  void reserve_workers(std::size_t count);
  // Made by the thread that first asks for it.
  Worker<T>& worker(std::size_t k) {
    if (!workers_[k]) workers_[k] = make_worker();
    return *workers_[k];
  }
  [[nodiscard]] virtual std::unique_ptr<Worker<T>> make_worker() const = 0;
  [[nodiscard]] virtual double worker_bytes() const = 0;

 protected:
  [[nodiscard]] const Program& program() const { return *program_; }

 private:
  const Program* program_;
  std::vector<std::unique_ptr<Worker<T>>> workers_;
};

}  // namespace qsim
