#include "qsim/observables/reduced_density_matrix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/matrix.h"
#include "qsim/core/parallel.h"
#include "qsim/kernels/batch.h"
#include "qsim/kernels/groups.h"
#include "qsim/observables/pauli_strings.h"

namespace qsim {
namespace {

// Up to here the 4^k Pauli strings on the qubits cost less; from here on a block of samples is
// full.
constexpr std::size_t kPauliQubits = 3;

// ρ = 2^−k Σ_P ⟨P⟩ P over the strings on the qubits.
template <class T>
Matrix from_paulis(const State<T>& state, std::span<const Qubit> qubits) {
  const int k = static_cast<int>(qubits.size());
  std::vector<PauliTerm> terms;
  for (Index p = 0; p < bit(2 * k); ++p) {
    terms.push_back({1.0, {scatter_bits(p >> k, qubits), scatter_bits(p & (bit(k) - 1), qubits)}});
  }
  const std::vector<double> values = pauli_expectations<T>(terms, state);
  const auto size = static_cast<Eigen::Index>(bit(k));
  Matrix out = Matrix::Zero(size, size);
  for (Index p = 0; p < bit(2 * k); ++p) {
    const PauliString string{p >> k, p & (bit(k) - 1)};
    const Complex phase = values[p] * power_of_i(std::popcount(string.x & string.z));
    for (Index j = 0; j < bit(k); ++j) {
      out(static_cast<Eigen::Index>(j ^ string.x), static_cast<Eigen::Index>(j)) +=
          (parity(j & string.z) ? -phase : phase) / static_cast<double>(size);
    }
  }
  return out;
}

// As a matrix product over the other qubits: what is a sample in a block (kernels/batch.h) is here
// a pattern of the qubits. A run of rows is packed at a time, so that its blocks stay in the cache.
template <class T>
class BlockProduct {
 public:
  BlockProduct(const State<T>& state, std::span<const Qubit> qubits)
      : state_(&state),
        patterns_(bit(static_cast<int>(qubits.size()))),
        n_blocks_(patterns_ / kBlock<T>),
        rest_(state.n_qubits(), 0, mask_of(qubits), {}),
        n_rows_(std::min(kRows, bit(state.n_qubits()) / patterns_)),
        packed_(aligned_array<T>(2 * patterns_ * n_rows_)),
        rho_(static_cast<Eigen::Index>(patterns_), static_cast<Eigen::Index>(patterns_)) {
    rho_.setZero();
    for (Index a = 0; a < patterns_; ++a) offsets_.push_back(scatter_bits(a, qubits));
  }

  Matrix run() {
    const Index runs = state_->size() / patterns_ / n_rows_;
    for (Index run = 0; run < runs; ++run) {
      const Index base = rest_.start({run, runs});
      parallel_for(n_blocks_, [&](Index block) { pack(block, base); });
      parallel_for(n_blocks_, [&](Index block) { multiply(block); });
    }
    for (Eigen::Index a = 0; a < rho_.rows(); ++a) {
      for (Eigen::Index b = 0; b < a; ++b) rho_(b, a) = std::conj(rho_(a, b));
      rho_(a, a) = rho_(a, a).real();
    }
    return std::move(rho_);
  }

 private:
  static constexpr Index kRows = 256;

  [[nodiscard]] T* block_at(Index block) { return packed_.get() + block * 2 * kBlock<T> * n_rows_; }

  void pack(Index block, Index base) {
    poll_interrupt();
    T* out = block_at(block);
    for (Index row = 0; row < n_rows_; ++row, out += 2 * kBlock<T>, base = rest_.next(base)) {
      for (Index j = 0; j < kBlock<T>; ++j) {
        const T* const at = state_->data() + real_offset<T>(base | offsets_[block * kBlock<T> + j]);
        out[j] = at[0];
        out[j + kBlock<T>] = at[kBlock<T>];
      }
    }
  }

  // ρ_ab += Σ_rows ψ_a conj(ψ_b) for the a of one block and all b up to there.
  void multiply(Index block) {
    alignas(kAlignment) std::array<T, 2 * kBlock<T> * kBlock<T>> sums;
    for (Index other = 0; other <= block; ++other) {
      poll_interrupt();
      batch_kernels<T>().overlap(block_at(other), block_at(block), n_rows_, sums.data());
      for (Index a = 0; a < kBlock<T>; ++a) {
        for (Index b = 0; b < kBlock<T>; ++b) {
          const T* const sum = sums.data() + a * 2 * kBlock<T> + b;
          rho_(static_cast<Eigen::Index>(block * kBlock<T> + a),
               static_cast<Eigen::Index>(other * kBlock<T> + b)) += Complex(sum[0], sum[kBlock<T>]);
        }
      }
    }
  }

  const State<T>* state_;
  Index patterns_;
  Index n_blocks_;
  Groups rest_;
  Index n_rows_;
  std::vector<Index> offsets_;
  AlignedArray<T> packed_;
  Matrix rho_;
};

}  // namespace

template <class T>
Matrix reduced_density_matrix(const State<T>& state, std::span<const Qubit> qubits) {
  require_distinct(qubits, state.n_qubits());
  const std::size_t k = qubits.size();
  require(k >= 1 && k <= kMaxMatrixQubits, "the density matrix of ", k,
          " qubits is asked for; it must be in [1, ", kMaxMatrixQubits, "]");
  require_memory(std::ldexp(double{sizeof(Complex)}, static_cast<int>(2 * k)),
                 concat("the density matrix of ", k, " qubits"));
  if (k <= kPauliQubits) return from_paulis(state, qubits);
  return BlockProduct<T>(state, qubits).run();
}

template Matrix reduced_density_matrix(const State<float>&, std::span<const Qubit>);
template Matrix reduced_density_matrix(const State<double>&, std::span<const Qubit>);

}  // namespace qsim
