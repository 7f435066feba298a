#pragma once

#include <span>
#include <vector>

#include "qsim/core/observable.h"
#include "qsim/state/state.h"

namespace qsim {

// ρ of n qubits, as the 4^n numbers of a "state" of 2n: qubits 0 … n−1 are the bits of ρ's row
// index, qubits n … 2n−1 those of its column index. A gate U acts as U on the ones and conj(U) on
// the others, a channel as a matrix on both.
template <class T = double>
class DensityMatrix {
 public:
  // |0…0⟩⟨0…0|. ValueError outside of 1 to 31 qubits; MemoryError, naming the bytes, before
  // allocating.
  explicit DensityMatrix(WholeNumber n_qubits);
  static DensityMatrix of(const State<T>& state);

  [[nodiscard]] int n_qubits() const { return n_qubits_; }
  [[nodiscard]] State<T>& numbers() { return numbers_; }
  [[nodiscard]] const State<T>& numbers() const { return numbers_; }
  void add(const DensityMatrix& other);

  [[nodiscard]] double trace() const;
  [[nodiscard]] double purity() const;  // Tr ρ²
  [[nodiscard]] Matrix matrix() const;  // 2^n × 2^n, n ≤ 12
  // The diagonal, or the distribution over some qubits (bit k of the index is qubits[k]).
  [[nodiscard]] std::vector<double> probabilities(std::span<const Qubit> qubits = {}) const;
  [[nodiscard]] double expectation(const Observable& observable) const;  // Tr Oρ
  [[nodiscard]] double fidelity(const State<T>& state) const;            // ⟨ψ|ρ|ψ⟩

  static double bytes(int n_qubits);

 private:
  [[nodiscard]] Complex at(Index row, Index column) const {
    return numbers_.get(row | (column << n_qubits_));
  }

  int n_qubits_;
  State<T> numbers_;
};

extern template class DensityMatrix<float>;
extern template class DensityMatrix<double>;

}  // namespace qsim
