#include "qsim/engines/blocks/observables.h"

#include <algorithm>

#include "qsim/core/complex.h"

namespace qsim {
namespace {

template <class Value>
std::size_t place_of(std::vector<Value>& values, const Value& value) {
  const auto found = std::find(values.begin(), values.end(), value);
  if (found != values.end()) return static_cast<std::size_t>(found - values.begin());
  values.push_back(value);
  return values.size() - 1;
}

}  // namespace

template <class T>
BlockObservables<T>::BlockObservables(const std::vector<Observable>& observables, int n_qubits)
    : n_qubits_(n_qubits), constants_(observables.size(), 0.0) {
  for (std::size_t k = 0; k < observables.size(); ++k) {
    if (const auto* sum = std::get_if<PauliSum>(&observables[k])) {
      add(*sum, k);
      continue;
    }
    const auto& observable = std::get<MatrixObservable>(observables[k]);
    MatrixTerm term{.qubits = observable.qubits, .matrix = {}};
    for (Eigen::Index e = 0; e < observable.matrix.size(); ++e) {
      term.matrix.push_back(narrow<T>(observable.matrix.data()[e]));
    }
    matrix_parts_.push_back({k, matrices_.size(), 1.0});
    matrices_.push_back(std::move(term));
  }
  const std::size_t most = std::max({z_masks_.size(), std::size_t{1}, matrices_.size()});
  numbers_ = aligned_array<T>(std::max(most, strings_.size()) * kBlock<T>);
  if (!matrices_.empty()) {
    scratch_ = aligned_array<T>(kRow<T> << static_cast<unsigned>(n_qubits));
  }
}

template <class T>
void BlockObservables<T>::add(const PauliSum& sum, std::size_t observable) {
  for (const auto& [coefficient, string] : sum.terms()) {
    if (string.is_identity()) {
      constants_[observable] += coefficient;
    } else if (string.x == 0) {
      z_parts_.push_back({observable, place_of(z_masks_, string.z), coefficient});
    } else {
      string_parts_.push_back({observable, place_of(strings_, string), coefficient});
    }
  }
}

// The matrix on a copy of the state, in the scratch.
template <class T>
void BlockObservables<T>::image(const MatrixTerm& term, const T* ket) {
  std::copy_n(ket, kRow<T> << static_cast<unsigned>(n_qubits_), scratch_.get());
  batch_kernels<T>().dense_same(scratch_.get(), n_qubits_, term.qubits, {}, term.matrix.data());
}

template <class T>
void BlockObservables<T>::expectations(const T* ket, std::span<double> out) {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = constants_[i / kBlock<T>];
  const auto add_parts = [&](std::span<const Contribution> parts, std::size_t term,
                             const T* values) {
    for (const Contribution& part : parts) {
      if (part.term != term) continue;
      for (Index lane = 0; lane < kBlock<T>; ++lane) {
        out[part.observable * kBlock<T> + lane] +=
            part.coefficient * static_cast<double>(values[lane]);
      }
    }
  };
  if (!z_masks_.empty()) {
    k.z_expectations(ket, n_qubits_, z_masks_, numbers_.get());
    for (const Contribution& part : z_parts_) {
      add_parts({&part, 1}, part.term, numbers_.get() + part.term * kBlock<T>);
    }
  }
  alignas(kAlignment) T overlap[kRow<T>];
  for (std::size_t term = 0; term < strings_.size(); ++term) {
    k.inner(ket, ket, n_qubits_, strings_[term], {}, overlap);
    add_parts(string_parts_, term, overlap);
  }
  for (std::size_t term = 0; term < matrices_.size(); ++term) {
    image(matrices_[term], ket);
    k.inner(ket, scratch_.get(), n_qubits_, {}, {}, overlap);
    add_parts(matrix_parts_, term, overlap);
  }
}

// The weight of every term, half rows, from those of the observables.
template <class T>
void BlockObservables<T>::weigh(std::span<const Contribution> parts, std::span<const double> c,
                                std::size_t n_terms) {
  std::fill_n(numbers_.get(), n_terms * kBlock<T>, T{0});
  for (const Contribution& part : parts) {
    for (Index lane = 0; lane < kBlock<T>; ++lane) {
      numbers_[part.term * kBlock<T> + lane] +=
          static_cast<T>(part.coefficient * c[part.observable * kBlock<T> + lane]);
    }
  }
}

template <class T>
void BlockObservables<T>::sum(const T* ket, std::span<const double> c, T* bra) {
  const BatchKernelTable<T>& k = batch_kernels<T>();
  weigh(z_parts_, c, z_masks_.size());
  // Multiples of the identity, which have no part here, do not change any derivative.
  k.z_sum(bra, ket, n_qubits_, z_masks_, numbers_.get());
  weigh(string_parts_, c, strings_.size());
  for (std::size_t term = 0; term < strings_.size(); ++term) {
    k.accumulate(bra, ket, n_qubits_, strings_[term], numbers_.get() + term * kBlock<T>);
  }
  weigh(matrix_parts_, c, matrices_.size());
  for (std::size_t term = 0; term < matrices_.size(); ++term) {
    image(matrices_[term], ket);
    k.accumulate(bra, scratch_.get(), n_qubits_, {}, numbers_.get() + term * kBlock<T>);
  }
}

template class BlockObservables<float>;
template class BlockObservables<double>;

}  // namespace qsim
