#include "qsim/engines/blocks/panel_products.h"

#include <numeric>

#include "qsim/core/interrupt.h"
#include "qsim/kernels/batch.h"

namespace qsim {
namespace {

// Rows of a panel that are multiplied at a time: two panels of so many stay in the first cache.
constexpr std::size_t kRowsAtOnce = 128;

}  // namespace

template <class T>
OverlapTile<T>::OverlapTile(const StatePanels<T>& a, const StatePanels<T>& b, std::size_t first_a,
                            std::size_t first_b)
    : a_(&a),
      b_(&b),
      first_a_(first_a),
      first_b_(first_b),
      n_a_(std::min(kPanels, a.n_panels() - first_a)),
      n_b_(std::min(kPanels, b.n_panels() - first_b)),
      sums_(n_a_ * n_b_ * kSums) {}

template <class T>
void OverlapTile<T>::multiply() {
  for (std::size_t row = 0; row < a_->rows(); row += kRowsAtOnce) {
    const std::size_t count = std::min(kRowsAtOnce, a_->rows() - row);
    for (std::size_t k = 0; k < n_a_ * n_b_; ++k) add(k, row, count);
    poll_interrupt();
  }
}

template <class T>
void OverlapTile<T>::add(std::size_t k, std::size_t row, std::size_t count) {
  alignas(kAlignment) T partial[kSums];  // NOLINT(modernize-avoid-c-arrays)
  batch_kernels<T>().overlap(a_->panel(first_a_ + k / n_b_) + row * kRow<T>,
                             b_->panel(first_b_ + k % n_b_) + row * kRow<T>, count, partial);
  double* sum = sums_.data() + k * kSums;
  for (std::size_t e = 0; e < kSums; ++e) sum[e] += static_cast<double>(partial[e]);
}

// The Bloch vectors of a panel's samples: those of the transition between −i|ψ⟩ and |ψ⟩, as
// Im⟨−iψ|P|ψ⟩ = ⟨ψ|P|ψ⟩.
template <class T>
void bloch_vectors(const StatePanels<T>& states, std::size_t panel, int n_qubits, double* out) {
  const T* ket = states.panel(panel);
  const auto bra = aligned_array<T>(states.rows() * kRow<T>);
  for (std::size_t i = 0; i < states.rows() * kRow<T>; i += kRow<T>) {
    for (std::size_t lane = 0; lane < kBlock<T>; ++lane) {
      bra[i + lane] = ket[i + kBlock<T> + lane];
      bra[i + kBlock<T> + lane] = -ket[i + lane];
    }
  }
  std::vector<Qubit> qubits(static_cast<std::size_t>(n_qubits));
  std::iota(qubits.begin(), qubits.end(), 0);
  std::vector<BlochRow<T>> rows(qubits.size());
  const auto scratch = aligned_array<T>(states.rows() * kBlock<T>);
  batch_kernels<T>().transition(ket, bra.get(), n_qubits, qubits, scratch.get(), rows.data());
  const std::size_t first = panel * kBlock<T>;
  const std::size_t count = std::min<std::size_t>(kBlock<T>, states.size() - first);
  for (std::size_t lane = 0; lane < count; ++lane) {
    for (const auto& row : rows) {
      for (const T* axis : {row.x, row.y, row.z}) *out++ = static_cast<double>(axis[lane]);
    }
  }
}

template class OverlapTile<float>;
template class OverlapTile<double>;
template void bloch_vectors(const StatePanels<float>&, std::size_t, int, double*);
template void bloch_vectors(const StatePanels<double>&, std::size_t, int, double*);

}  // namespace qsim
