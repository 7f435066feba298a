#pragma once

#include <complex>
#include <iosfwd>
#include <span>
#include <vector>

#include "qsim/core/memory.h"
#include "qsim/core/random.h"
#include "qsim/core/types.h"
#include "qsim/core/whole_number.h"
#include "qsim/kernels/kernels.h"

namespace qsim {

// The 2^n amplitudes of n qubits, in single (float) or double precision.
template <class T = double>
class State {
 public:
  // |0…0⟩. Throws ValueError below 1 or above 62 qubits and MemoryError, before allocating, for
  // more bytes than are available.
  explicit State(WholeNumber n_qubits);
  // Amplitudes that are finite and normalised (within 1e-6), their number a power of two of at
  // least 2; ValueError otherwise.
  static State from_amplitudes(std::span<const std::complex<T>> amplitudes);

  State(const State& other);
  State& operator=(const State& other);
  State(State&&) noexcept = default;
  State& operator=(State&&) noexcept = default;
  ~State() = default;

  [[nodiscard]] int n_qubits() const { return n_qubits_; }
  [[nodiscard]] Index size() const { return bit(n_qubits_); }
  [[nodiscard]] std::complex<T> amplitude(Index i) const;  // IndexError from 2^n up
  [[nodiscard]] std::vector<std::complex<T>> amplitudes() const;
  void copy_amplitudes(Index first, std::span<std::complex<T>> out) const;

  void set_basis(Index basis_state);                                 // IndexError from 2^n up
  void set_amplitudes(std::span<const std::complex<T>> amplitudes);  // as from_amplitudes, size 2^n
  void set_zero();  // all amplitudes 0; not a state

  [[nodiscard]] double norm() const;                      // √⟨ψ|ψ⟩
  [[nodiscard]] Complex inner(const State& other) const;  // ⟨this|other⟩

  // |ψ_i|², or the distribution over some qubits (bit k of the result's index is qubits[k]).
  [[nodiscard]] std::vector<double> probabilities(std::span<const Qubit> qubits = {}) const;
  // Basis states drawn from the distribution, in the order of the shots: shot k depends on (seed,
  // k) alone. ValueError unless shots ≥ 1.
  [[nodiscard]] std::vector<Index> sample(std::int64_t shots, std::uint64_t seed) const;
  // Measures one qubit and collapses the state. Returns the outcome.
  bool measure(WholeNumber qubit, Random& random);
  // Projects a qubit on a value and normalises; returns the probability it had. ValueError, and no
  // change, where that is zero.
  double project(WholeNumber qubit, bool value);

  // One amplitude, without a check, for loops over many.
  [[nodiscard]] std::complex<T> get(Index i) const {
    const std::size_t at = real_offset<T>(i);
    return {data_[at], data_[at + kBlock<T>]};
  }
  void set(Index i, std::complex<T> value) {
    const std::size_t at = real_offset<T>(i);
    data_[at] = value.real();
    data_[at + kBlock<T>] = value.imag();
  }

  // The buffer, in the layout of kernels/layout.h.
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] int storage() const { return storage_qubits<T>(n_qubits_); }

  // Bytes that n qubits take. ValueError below 1 or above 62.
  static double bytes(int n_qubits);

 private:
  int n_qubits_;
  AlignedArray<T> data_;
};

// The state as a sum of kets (kets.h).
template <class T>
std::ostream& operator<<(std::ostream& out, const State<T>& state);

extern template class State<float>;
extern template class State<double>;

}  // namespace qsim
