#include "qsim/noise/density_matrix.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/matrix.h"
#include "qsim/core/memory.h"
#include "qsim/state/parts.h"

namespace qsim {
namespace {

constexpr int kMost = kMaxQubits / 2;

// The number of qubits of the numbers, after the checks.
template <class T>
int doubled(int n_qubits) {
  require_memory(DensityMatrix<T>::bytes(n_qubits),
                 concat("the density matrix of ", n_qubits, " qubits in ",
                        sizeof(T) == sizeof(float) ? "single" : "double", " precision"));
  return 2 * n_qubits;
}

// Calls body(column) for all, on several threads where that pays.
template <class Body>
void for_columns(int n_qubits, const Body& body) {
  const Index size = bit(n_qubits);
  const Index runs = std::min(part_count(2 * n_qubits), size);
  const auto run = [&](Index k) {
    for (Index column = k * size / runs; column < (k + 1) * size / runs; ++column) body(column);
  };
  if (runs == 1) {
    run(0);
  } else {
    parallel_for(runs, run);
  }
}

}  // namespace

template <class T>
double DensityMatrix<T>::bytes(int n_qubits) {
  require(n_qubits >= 1 && n_qubits <= kMost, "number of qubits ", n_qubits,
          " of a density matrix is outside [1, ", kMost, "]");
  return State<T>::bytes(2 * n_qubits);
}

template <class T>
DensityMatrix<T>::DensityMatrix(WholeNumber n_qubits)
    : n_qubits_(n_qubits), numbers_(doubled<T>(n_qubits)) {}

template <class T>
DensityMatrix<T> DensityMatrix<T>::of(const State<T>& state) {
  DensityMatrix out(state.n_qubits());
  const std::vector<std::complex<T>> psi = state.amplitudes();
  const Index size = psi.size();
  for_columns(out.n_qubits_, [&](Index column) {
    const std::complex<T> factor = std::conj(psi[column]);
    for (Index row = 0; row < size; ++row) {
      out.numbers_.set(row | (column << out.n_qubits_), psi[row] * factor);
    }
  });
  return out;
}

template <class T>
void DensityMatrix<T>::add(const DensityMatrix& other) {
  require(n_qubits_ == other.n_qubits_, "density matrices of ", n_qubits_, " and ", other.n_qubits_,
          " qubits cannot be added");
  T* const to = numbers_.data();
  const T* const from = other.numbers_.data();
  for_parts(2 * n_qubits_, [&](Part part) {
    const std::size_t size = 2 * bit(numbers_.storage()) / part.count;
    for (std::size_t k = part.index * size; k < (part.index + 1) * size; ++k) to[k] += from[k];
  });
}

template <class T>
double DensityMatrix<T>::trace() const {
  double sum = 0;
  for (Index k = 0; k < bit(n_qubits_); ++k) sum += at(k, k).real();
  return sum;
}

template <class T>
double DensityMatrix<T>::purity() const {
  return numbers_.inner(numbers_).real();  // Σ |ρ_rc|², as ρ is Hermitian
}

template <class T>
Matrix DensityMatrix<T>::matrix() const {
  require(n_qubits_ <= kMaxMatrixQubits, "the density matrix of ", n_qubits_,
          " qubits as an array is above the limit of ", kMaxMatrixQubits);
  require_memory(std::ldexp(double{sizeof(Complex)}, 2 * n_qubits_), "a copy of a density matrix");
  const auto size = static_cast<Eigen::Index>(bit(n_qubits_));
  Matrix out(size, size);
  for (Eigen::Index r = 0; r < size; ++r) {
    count_work(static_cast<std::size_t>(size) / 8 + 1);
    for (Eigen::Index c = 0; c < size; ++c) {
      out(r, c) = at(static_cast<Index>(r), static_cast<Index>(c));
    }
  }
  return out;
}

template <class T>
std::vector<double> DensityMatrix<T>::probabilities(std::span<const Qubit> qubits) const {
  require_distinct(qubits, n_qubits_);
  std::vector<double> out(bit(qubits.empty() ? n_qubits_ : static_cast<int>(qubits.size())));
  for (Index k = 0; k < bit(n_qubits_); ++k) {
    out[qubits.empty() ? k : gather_bits(k, qubits)] += at(k, k).real();
  }
  return out;
}

template <class T>
double DensityMatrix<T>::expectation(const Observable& observable) const {
  const int needed = qubits_needed(observable);
  require(needed <= n_qubits_, "an observable over ", needed, " qubits does not fit a density ",
          "matrix of ", n_qubits_);
  double sum = 0;
  if (const auto* paulis = std::get_if<PauliSum>(&observable)) {
    for (const auto& [coefficient, p] : paulis->terms()) {
      // Tr Pρ = Σ_j ⟨j^x|P|j⟩ ρ_{j, j^x}
      count_work(bit(n_qubits_) / 8 + 1);
      Complex value = 0;
      for (Index j = 0; j < bit(n_qubits_); ++j) {
        const Complex element = at(j, j ^ p.x);
        value += parity(j & p.z) ? -element : element;
      }
      sum += coefficient * (power_of_i(std::popcount(p.x & p.z)) * value).real();
    }
    return sum;
  }
  const auto& own = std::get<MatrixObservable>(observable);
  const Matrix& matrix = own.matrix;
  const std::vector<Qubit>& qubits = own.qubits;
  const Index mask = mask_of(qubits);
  for (Index column = 0; column < bit(n_qubits_); ++column) {
    count_work(static_cast<std::size_t>(matrix.rows()) / 4 + 1);
    const auto c = static_cast<Eigen::Index>(gather_bits(column, qubits));
    for (Eigen::Index r = 0; r < matrix.rows(); ++r) {
      const Index row = (column & ~mask) | scatter_bits(static_cast<Index>(r), qubits);
      sum += (matrix(c, r) * at(row, column)).real();
    }
  }
  return sum;
}

template <class T>
double DensityMatrix<T>::fidelity(const State<T>& state) const {
  require(state.n_qubits() == n_qubits_, "the fidelity of a density matrix of ", n_qubits_,
          " qubits with a state of ", state.n_qubits(), " is not defined");
  const std::vector<std::complex<T>> psi = state.amplitudes();
  std::vector<double> sums(psi.size());
  for_columns(n_qubits_, [&](Index column) {
    Complex sum = 0;
    for (Index row = 0; row < psi.size(); ++row) {
      sum += std::conj(Complex(psi[row])) * at(row, column);
    }
    sums[column] = (sum * Complex(psi[column])).real();
  });
  double out = 0;
  for (const double sum : sums) out += sum;
  return out;
}

template class DensityMatrix<float>;
template class DensityMatrix<double>;

}  // namespace qsim
