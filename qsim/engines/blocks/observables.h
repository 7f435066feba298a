#pragma once

#include <span>
#include <vector>

#include "qsim/core/memory.h"
#include "qsim/core/observable.h"
#include "qsim/kernels/batch.h"

namespace qsim {

// Observables taken apart for blocks of samples: strings of Zs share one pass over the states,
// every other string and every matrix has a pass of its own, each once however many observables
// contain it.
template <class T>
class BlockObservables {
 public:
  BlockObservables(const std::vector<Observable>& observables, int n_qubits);

  // ⟨O_k⟩ of every lane, half rows of doubles.
  void expectations(const T* ket, std::span<double> out);
  // bra = Σ_k c[k] O_k ket for half rows c.
  void sum(const T* ket, std::span<const double> c, T* bra);

 private:
  // coefficient · (string or matrix `term`) is part of observable `observable`.
  struct Contribution {
    std::size_t observable = 0;
    std::size_t term = 0;
    double coefficient = 0.0;
  };
  struct MatrixTerm {
    std::vector<Qubit> qubits{};
    std::vector<std::complex<T>> matrix{};
  };

  void add(const PauliSum& sum, std::size_t observable);
  void image(const MatrixTerm& term, const T* ket);
  void weigh(std::span<const Contribution> parts, std::span<const double> c, std::size_t n_terms);

  int n_qubits_;
  std::vector<double> constants_;
  std::vector<Index> z_masks_;
  std::vector<Contribution> z_parts_;
  std::vector<PauliString> strings_;
  std::vector<Contribution> string_parts_;
  std::vector<MatrixTerm> matrices_;
  std::vector<Contribution> matrix_parts_;
  AlignedArray<T> numbers_;  // a half row a term
  AlignedArray<T> scratch_;  // a state, for matrices
};

extern template class BlockObservables<float>;
extern template class BlockObservables<double>;

}  // namespace qsim
