#include "qsim/state/state.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/matrix.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

constexpr double kNormTolerance = 1e-6;
constexpr std::size_t kAmplitudesBetweenPolls = std::size_t{1} << 16;

template <class T>
AlignedArray<T> allocate(int n_qubits) {
  require_memory_of_qubits(State<T>::bytes(n_qubits),
                           concat("a ", n_qubits, "-qubit state in ",
                                  sizeof(T) == sizeof(float) ? "single" : "double", " precision"),
                           n_qubits);
  return aligned_array<T>(2 * bit(storage_qubits<T>(n_qubits)));
}

// The range of elements of the buffer that belongs to a part.
template <class T>
std::pair<std::size_t, std::size_t> elements(const State<T>& state, Part part) {
  const std::size_t size = 2 * bit(state.storage()) / part.count;
  return {part.index * size, (part.index + 1) * size};
}

template <class T>
void require_normalised(std::span<const std::complex<T>> amplitudes) {
  double norm = 0;
  for (std::size_t i = 0; i < amplitudes.size(); ++i) {
    if (i % kAmplitudesBetweenPolls == 0) poll_interrupt();
    const Complex a(amplitudes[i]);
    require(std::isfinite(a.real()) && std::isfinite(a.imag()), "amplitude ", i, " is ", a,
            "; it must be finite");
    norm += std::norm(a);
  }
  require(std::abs(std::sqrt(norm) - 1) <= kNormTolerance, "the amplitudes have norm ",
          std::sqrt(norm), "; it must be 1 (within ", kNormTolerance, ")");
}

int qubits_of_size(std::size_t size) {
  require(size >= 2 && std::has_single_bit(size), "the number of amplitudes is ", size,
          "; it must be a power of two, at least 2");
  return std::countr_zero(size);
}

}  // namespace

template <class T>
double State<T>::bytes(int n_qubits) {
  require(n_qubits >= 1 && n_qubits <= kMaxQubits, "number of qubits ", n_qubits,
          " is outside [1, ", kMaxQubits, "]");
  return std::ldexp(2.0 * sizeof(T), storage_qubits<T>(n_qubits));
}

template <class T>
State<T>::State(WholeNumber n_qubits) : n_qubits_(n_qubits), data_(allocate<T>(n_qubits)) {
  set_basis(0);
}

template <class T>
State<T> State<T>::from_amplitudes(std::span<const std::complex<T>> amplitudes) {
  const int n_qubits = qubits_of_size(amplitudes.size());
  require_normalised(amplitudes);
  State out(n_qubits);
  out.set_amplitudes(amplitudes);
  return out;
}

template <class T>
State<T>::State(const State& other)
    : n_qubits_(other.n_qubits_), data_(allocate<T>(other.n_qubits_)) {
  *this = other;
}

template <class T>
State<T>& State<T>::operator=(const State& other) {
  if (this == &other) return *this;
  if (n_qubits_ != other.n_qubits_) {
    data_ = allocate<T>(other.n_qubits_);
    n_qubits_ = other.n_qubits_;
  }
  for_parts(n_qubits_, [&](Part part) {
    const auto [first, last] = elements(*this, part);
    std::copy(other.data() + first, other.data() + last, data() + first);
  });
  return *this;
}

template <class T>
std::complex<T> State<T>::amplitude(Index i) const {
  require<IndexError>(i < size(), "basis state ", i, " is out of range for ", n_qubits_,
                      " qubit(s)");
  return get(i);
}

template <class T>
std::vector<std::complex<T>> State<T>::amplitudes() const {
  require_memory(2.0 * sizeof(T) * static_cast<double>(size()), "a copy of the amplitudes");
  auto out = long_vector<std::complex<T>>(size());
  copy_amplitudes(0, out);
  return out;
}

template <class T>
void State<T>::copy_amplitudes(Index first, std::span<std::complex<T>> out) const {
  require<IndexError>(first <= size() && out.size() <= size() - first, "amplitudes ", first, " to ",
                      first + out.size(), " are out of range for ", n_qubits_, " qubit(s)");
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (k % kAmplitudesBetweenPolls == 0) poll_interrupt();
    const std::size_t at = real_offset<T>(first + k);
    out[k] = {data_[at], data_[at + kBlock<T>]};
  }
}

template <class T>
void State<T>::set_zero() {
  for_parts(n_qubits_, [&](Part part) {
    const auto [first, last] = elements(*this, part);
    std::fill(data() + first, data() + last, T{0});
  });
}

template <class T>
void State<T>::set_basis(Index basis_state) {
  require<IndexError>(basis_state < size(), "basis state ", basis_state, " is out of range for ",
                      n_qubits_, " qubit(s)");
  set_zero();
  data_[real_offset<T>(basis_state)] = T{1};
}

template <class T>
void State<T>::set_amplitudes(std::span<const std::complex<T>> amplitudes) {
  require(amplitudes.size() == size(), "got ", amplitudes.size(), " amplitudes for ", n_qubits_,
          " qubit(s); it takes ", size());
  require_normalised(amplitudes);
  set_zero();
  for (Index i = 0; i < amplitudes.size(); ++i) {
    if (i % kAmplitudesBetweenPolls == 0) poll_interrupt();
    const std::size_t at = real_offset<T>(i);
    data_[at] = amplitudes[i].real();
    data_[at + kBlock<T>] = amplitudes[i].imag();
  }
}

template <class T>
double State<T>::norm() const {
  return std::sqrt(inner(*this).real());
}

template <class T>
Complex State<T>::inner(const State& other) const {
  require(n_qubits_ == other.n_qubits_, "the inner product of states over ", n_qubits_, " and ",
          other.n_qubits_, " qubits is not defined");
  return sum_parts<Complex>(n_qubits_, [&](Part part) {
    return kernels<T>().inner(data(), other.data(), storage(), {}, part);
  });
}

template <class T>
bool State<T>::measure(WholeNumber qubit, Random& random) {
  const Qubit measured = qubit;
  const auto p = probabilities({&measured, 1});
  const bool value = random.uniform() * (p[0] + p[1]) >= p[0];
  project(qubit, value);
  return value;
}

template <class T>
double State<T>::project(WholeNumber qubit, bool value) {
  const Qubit projected = qubit;
  const auto p = probabilities({&projected, 1});
  const double probability = p[value ? 1 : 0] / (p[0] + p[1]);
  require(probability > 0, "qubit ", projected, " is ", int{value},
          " with probability 0, so nothing is left of the state");
  const auto keep = static_cast<T>(1 / std::sqrt(p[value ? 1 : 0]));
  const std::complex<T> diagonal[] = {value ? T{0} : keep, value ? keep : T{0}};
  const Site site{storage(), {&projected, 1}, {}};
  for_parts(n_qubits_, [&](Part part) { kernels<T>().diagonal(data(), site, diagonal, part); });
  return probability;
}

template class State<float>;
template class State<double>;

}  // namespace qsim
