#include "qsim/dynamics/krylov.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/dynamics/vectors.h"
#include "qsim/observables/pauli_operator.h"

namespace qsim {
namespace {

// H within the space: `beside[j]` couples vectors j and j + 1, the last one leads out of it.
struct Tridiagonal {
  std::vector<double> diagonal{};
  std::vector<double> beside{};
};

// exp(−isT) of a tridiagonal matrix, its first column.
class SmallEvolution {
 public:
  explicit SmallEvolution(const Tridiagonal& t) : leaving_(t.beside.back()) {
    const auto size = static_cast<Eigen::Index>(t.diagonal.size());
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(size, size);
    for (Eigen::Index j = 0; j < size; ++j) {
      matrix(j, j) = t.diagonal[static_cast<std::size_t>(j)];
      if (j + 1 == size) break;
      matrix(j, j + 1) = matrix(j + 1, j) = t.beside[static_cast<std::size_t>(j)];
    }
    spectrum_ = diagonalise(matrix);
  }

  [[nodiscard]] std::vector<Complex> column(double s) const {
    const Eigen::Index size = spectrum_.eigenvalues.size();
    std::vector<Complex> out;
    for (Eigen::Index row = 0; row < size; ++row) out.push_back(entry(row, s));
    return out;
  }

  // A bound on the error of a step.
  [[nodiscard]] double error(double tau) const {
    constexpr int kPoints = 64;  // the integrand grows as a high power: trapezoids are above it
    const Eigen::Index last = spectrum_.eigenvalues.size() - 1;
    count_work(static_cast<std::size_t>(kPoints * (last + 1)));
    double sum = (std::abs(entry(last, 0)) + std::abs(entry(last, tau))) / 2;
    for (int k = 1; k < kPoints; ++k) sum += std::abs(entry(last, tau * k / kPoints));
    return leaving_ * sum * std::abs(tau) / kPoints;
  }

 private:
  [[nodiscard]] Complex entry(Eigen::Index row, double s) const {
    Complex sum = 0;
    for (Eigen::Index k = 0; k < spectrum_.eigenvalues.size(); ++k) {
      sum += spectrum_.eigenvectors(row, k) * spectrum_.eigenvectors(0, k) *
             std::polar(1.0, -s * spectrum_.eigenvalues(k));
    }
    return sum;
  }

  double leaving_;
  RealSpectrum spectrum_{};
};

// What error a step of so long may have.
struct Allowance {
  double per_time;
  [[nodiscard]] bool holds(const SmallEvolution& small, double tau) const {
    return small.error(tau) <= per_time * tau;
  }
};

// The length of the steps, of one size, that an allowance asks for.
double step_length(const SmallEvolution& small, const Allowance& allowance, double time) {
  constexpr int kHalvings = 60;
  constexpr int kRefinements = 6;
  double good = time;
  for (int k = 0; k < kHalvings && !allowance.holds(small, good); ++k) good /= 2;
  double bad = 2 * good;
  for (int k = 0; k < kRefinements && good < time; ++k) {
    const double middle = (good + bad) / 2;
    (allowance.holds(small, middle) ? good : bad) = middle;
  }
  return good >= time ? time : time / std::ceil(time / good);
}

template <class T>
class KrylovSpace {
 public:
  // Takes the start from `state`, which stays as it is.
  KrylovSpace(const PauliSum& hamiltonian, int dimension, const State<T>& state)
      : product_(hamiltonian.terms(), state.n_qubits()),
        dimension_(static_cast<std::size_t>(dimension)) {
    const double vectors = static_cast<double>(dimension) + 1;
    require_memory(vectors * State<T>::bytes(state.n_qubits()),
                   concat("evolving ", state.n_qubits(), " qubits in a Krylov space of dimension ",
                          dimension));
    for (const PauliTerm& term : hamiltonian.terms()) size_ += std::abs(term.coefficient);
    norm_ = state.norm();
    basis_.reserve(dimension_ + 1);
    basis_.push_back(state);
    lengths_ = {norm_};
  }

  // Σ|c|, at least the norm of H.
  [[nodiscard]] double size() const { return size_; }
  [[nodiscard]] std::size_t products() const { return products_; }

  // Grows the space until a step of all the time is within the allowance.
  SmallEvolution grow(double time, const Allowance& allowance) {
    tridiagonal_ = {};
    while (true) {
      add_vector();
      const SmallEvolution small(tridiagonal_);
      if (tridiagonal_.diagonal.size() == dimension_ || is_closed() ||
          allowance.holds(small, time)) {
        return small;
      }
    }
  }

  // Whether H does not lead out of the space, beyond rounding.
  [[nodiscard]] bool is_closed() const {
    return tridiagonal_.beside.back() <= double{std::numeric_limits<T>::epsilon()} * size_;
  }

  // The first vector of the next space is Σ factors[k] v_k.
  void restart(std::vector<Complex> factors) {
    for (std::size_t k = 0; k < factors.size(); ++k) factors[k] /= lengths_[k];
    State<T>& out = basis_[factors.size()];
    set_combination<T>(basis_, factors, out);
    std::swap(out, basis_.front());
    lengths_ = {1};
  }

  State<T> take() {
    set_scaled(basis_.front(), norm_, basis_.front());
    return std::move(basis_.front());
  }

 private:
  // w = H v_j − β v_{j−1} − α v_j, then v_{j+1} = w/‖w‖, whose length is kept beside it.
  void add_vector() {
    const std::size_t j = tridiagonal_.diagonal.size();
    if (basis_.size() == j + 1) basis_.emplace_back(basis_.front().n_qubits());
    const State<T>& v = basis_[j];
    const State<T>& before = basis_[j == 0 ? 0 : j - 1];
    State<T>& w = basis_[j + 1];
    const double back = j == 0 ? 0 : -tridiagonal_.beside.back() / lengths_[j - 1];
    const double alpha =
        product_.accumulate(
            1 / lengths_[j], v, w,
            {.before = [&](Stretch stretch) { set_scaled(before, back, w, stretch); },
             .after = [&](Stretch stretch) { return real_inner(v, w, stretch); }}) /
        lengths_[j];
    ++products_;
    const double beta = std::sqrt(add_scaled(v, -alpha / lengths_[j], w));
    tridiagonal_.diagonal.push_back(alpha);
    tridiagonal_.beside.push_back(beta);
    lengths_.push_back(beta);
  }

  PauliOperator<T> product_;
  std::size_t dimension_;
  double size_ = 0;
  double norm_ = 1;
  std::vector<State<T>> basis_{};  // each as long as `lengths_` says
  std::vector<double> lengths_{};
  Tridiagonal tridiagonal_{};
  std::size_t products_ = 0;
};

}  // namespace

template <class T>
std::size_t krylov_evolve(const PauliSum& hamiltonian, double time, double tolerance, int dimension,
                          State<T>& state) {
  const Index states = state.size();
  const int most = states < static_cast<Index>(dimension) ? static_cast<int>(states) : dimension;
  KrylovSpace<T> space(hamiltonian, most, state);
  // No step can do better than rounding.
  const double rounding = std::numeric_limits<double>::epsilon() * space.size();
  const Allowance allowance{std::max(tolerance / std::abs(time), rounding)};
  const double sign = time < 0 ? -1 : 1;
  for (double left = std::abs(time); left > 0;) {
    const SmallEvolution small = space.grow(left, allowance);
    const double tau = space.is_closed() ? left : step_length(small, allowance, left);
    space.restart(small.column(sign * tau));
    left = tau < left ? left - tau : 0;
  }
  state = space.take();
  return space.products();
}

template std::size_t krylov_evolve(const PauliSum&, double, double, int, State<float>&);
template std::size_t krylov_evolve(const PauliSum&, double, double, int, State<double>&);

}  // namespace qsim
