#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "qsim/core/types.h"
#include "qsim/engines/blocks/state_panels.h"

// What comes of the states of batches as matrix products.

namespace qsim {

// The overlaps of some panels of each side. Sums over kRowsAtOnce rows are in the precision of the
// states, the rest in double.
template <class T>
class OverlapTile {
 public:
  // Panels of each side that share what has been loaded into the second cache.
  static constexpr std::size_t kPanels = 4;

  OverlapTile(const StatePanels<T>& a, const StatePanels<T>& b, std::size_t first_a,
              std::size_t first_b);

  void multiply();
  // Afterwards: visit(i, j, ⟨a_i|b_j⟩ up to conjugation) for all samples, numbered as in the
  // panels.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t k = 0; k < n_a_ * n_b_; ++k) {
      const std::size_t i = (first_a_ + k / n_b_) * kBlock<T>;
      const std::size_t j = (first_b_ + k % n_b_) * kBlock<T>;
      const std::size_t i_count = std::min<std::size_t>(kBlock<T>, a_->size() - i);
      const std::size_t j_count = std::min<std::size_t>(kBlock<T>, b_->size() - j);
      for (std::size_t r = 0; r < i_count; ++r) {
        for (std::size_t c = 0; c < j_count; ++c) {
          const double* sum = sums_.data() + k * kSums + c * kRow<T> + r;
          visit(i + r, j + c, Complex(sum[0], sum[kBlock<T>]));
        }
      }
    }
  }

 private:
  static constexpr std::size_t kSums = kBlock<T> * kRow<T>;  // of two panels

  void add(std::size_t k, std::size_t row, std::size_t count);

  const StatePanels<T>* a_;
  const StatePanels<T>* b_;
  std::size_t first_a_;
  std::size_t first_b_;
  std::size_t n_a_;
  std::size_t n_b_;
  std::vector<double> sums_;
};

// Writes ⟨X⟩, ⟨Y⟩ and ⟨Z⟩ of every qubit for every sample of a panel.
template <class T>
void bloch_vectors(const StatePanels<T>& states, std::size_t panel, int n_qubits, double* out);

extern template class OverlapTile<float>;
extern template class OverlapTile<double>;

}  // namespace qsim
