#pragma once

#include <cstddef>

#include "qsim/core/memory.h"
#include "qsim/engines/batch.h"
#include "qsim/kernels/batch.h"

namespace qsim {

// The final states of a batch, kept as blocks of samples (kernels/batch.h): each is at once what a
// block of the program ends with and a packed panel of a matrix product.
template <class T>
class StatePanels {
 public:
  static constexpr std::size_t kSamples = kBlock<T>;  // of a panel

  // Runs the program on [first, first + count) of the batch, on all threads. Throws MemoryError,
  // before anything is allocated, for more states than memory holds.
  StatePanels(const Program& program, const Batch& batch, std::size_t first, std::size_t count);

  [[nodiscard]] std::size_t first() const { return first_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }  // of a panel: 2^n
  [[nodiscard]] std::size_t n_panels() const { return panels_for(size_); }
  [[nodiscard]] const T* panel(std::size_t k) const { return data_.get() + k * panel_size(); }

  static std::size_t panels_for(std::size_t n_samples) {
    return (n_samples + kBlock<T> - 1) / kBlock<T>;
  }
  // Bytes that the states of some samples take.
  static double bytes(int n_qubits, std::size_t n_samples);

 private:
  [[nodiscard]] std::size_t panel_size() const { return rows_ * kRow<T>; }
  T* panel_data(std::size_t sample) { return data_.get() + sample / kBlock<T> * panel_size(); }
  void run(const Program& program, const Batch& batch);

  std::size_t first_;
  std::size_t size_;
  std::size_t rows_;
  AlignedArray<T> data_;
};

extern template class StatePanels<float>;
extern template class StatePanels<double>;

}  // namespace qsim
