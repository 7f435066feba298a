#include "qml/derivatives/overlap.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "qml/derivatives/evaluate.h"
#include "qsim/core/bits.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"

namespace qml {
namespace {

using qsim::require;
using Complex = std::complex<double>;

void check(const Side& a, const Side& b) {
  check(a.program, a.batch);
  check(b.program, b.batch);
  require(a.program.n_qubits == b.program.n_qubits, "the programs have ", a.program.n_qubits,
          " and ", b.program.n_qubits, " qubits; an overlap needs the same number");
  require(a.batch.size == b.batch.size || a.batch.size == 1 || b.batch.size == 1,
          "the batches have ", a.batch.size, " and ", b.batch.size,
          " samples; they must be as large, or one of them 1");
}

// The states of both sides and their overlaps.
template <class T>
struct Pair {
  Pair(const Side& a, const Side& b)
      : size(std::max(a.batch.size, b.batch.size)),
        n(qsim::bit(a.program.n_qubits)),
        a_states(states<T>(a.program, a.batch)),
        b_states(states<T>(b.program, b.batch)),
        overlaps(size) {
    for (std::size_t s = 0; s < size; ++s) {
      const auto bra = row(a_states, s);
      const auto ket = row(b_states, s);
      for (std::size_t i = 0; i < n; ++i)
        overlaps[s] += std::conj(Complex(bra[i])) * Complex(ket[i]);
    }
  }

  using States = std::vector<std::complex<T>>;
  // The state of a sample; a single one serves all.
  [[nodiscard]] std::span<const std::complex<T>> row(const States& states, std::size_t s) const {
    return std::span(states).subspan(states.size() == n ? 0 : s * n, n);
  }

  std::size_t size;
  std::size_t n;
  States a_states;
  States b_states;
  std::vector<Complex> overlaps;
};

// The gradient of Σ_s Re Σ_i conj(factor_s · other_s,i) ψ_s,i over one side.
template <class T>
Gradients side_vjp(const Side& side, const Pair<T>& pair, const typename Pair<T>::States& other,
                   const std::function<Complex(std::size_t)>& factor) {
  std::vector<double> cotangent(side.batch.size * pair.n * 2);
  for (std::size_t s = 0; s < pair.size; ++s) {
    const auto from = pair.row(other, s);
    double* to = cotangent.data() + (side.batch.size == 1 ? 0 : s * pair.n * 2);
    for (std::size_t i = 0; i < pair.n; ++i) {
      const Complex g = factor(s) * Complex(from[i]);
      to[2 * i] += g.real();
      to[2 * i + 1] += g.imag();
    }
  }
  Gradients out = vjp<T>(side.program, side.batch, cotangent, Quantity::kState);
  out.values.clear();
  return out;
}

// Gradients of Σ_s Re(conj(c_s) ⟨a|b⟩_s): Re(conj(c)⟨a|∂b⟩) has the cotangent c·a, and
// Re(conj(c)⟨∂a|b⟩) = Re(c ⟨b|∂a⟩) the cotangent conj(c)·b.
template <class T>
SideGradients gradients(const Side& a, const Side& b, const Pair<T>& pair,
                        std::span<const Complex> cotangent) {
  for (std::size_t k = 0; k < cotangent.size(); ++k) {
    const Complex& c = cotangent[k];
    require(std::isfinite(c.real()) && std::isfinite(c.imag()), "the cotangent of sample ", k,
            " is ", c, "; it must be finite");
  }
  return {
      side_vjp<T>(a, pair, pair.b_states, [&](std::size_t s) { return std::conj(cotangent[s]); }),
      side_vjp<T>(b, pair, pair.a_states, [&](std::size_t s) { return cotangent[s]; })};
}

void check_count(const Side& a, const Side& b, std::size_t count) {
  const std::size_t size = std::max(a.batch.size, b.batch.size);
  require(count == size, "there are ", count, " cotangents for ", size, " samples");
}

// Two states of each sample and cotangent are held at a time.
template <class T>
void check_memory(const Side& a, const Side& b) {
  constexpr double kStates = 4;
  qsim::require_memory(
      std::ldexp(kStates * static_cast<double>(a.batch.size + b.batch.size) * sizeof(Complex),
                 a.program.n_qubits),
      "the overlaps of a batch");
}

}  // namespace

template <class T>
std::vector<Complex> overlap(const Side& a, const Side& b) {
  check(a, b);
  check_memory<T>(a, b);
  return Pair<T>(a, b).overlaps;
}

template <class T>
std::vector<double> fidelity(const Side& a, const Side& b) {
  std::vector<double> out;
  for (const Complex& o : overlap<T>(a, b)) out.push_back(std::norm(o));
  return out;
}

template <class T>
SideGradients overlap_vjp(const Side& a, const Side& b, std::span<const Complex> cotangent) {
  check(a, b);
  check_count(a, b, cotangent.size());
  check_memory<T>(a, b);
  return gradients<T>(a, b, Pair<T>(a, b), cotangent);
}

template <class T>
SideGradients fidelity_vjp(const Side& a, const Side& b, std::span<const double> cotangent) {
  check(a, b);
  check_count(a, b, cotangent.size());
  check_memory<T>(a, b);
  const Pair<T> pair(a, b);
  std::vector<Complex> by_overlap;  // ∂|o|² = 2 Re(conj(o) ∂o)
  for (std::size_t s = 0; s < pair.size; ++s) {
    by_overlap.push_back(2.0 * cotangent[s] * pair.overlaps[s]);
  }
  return gradients<T>(a, b, pair, by_overlap);
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define KETGRAD_INSTANTIATE(T)                                                               \
  template std::vector<Complex> overlap<T>(const Side&, const Side&);                        \
  template std::vector<double> fidelity<T>(const Side&, const Side&);                        \
  template SideGradients overlap_vjp<T>(const Side&, const Side&, std::span<const Complex>); \
  template SideGradients fidelity_vjp<T>(const Side&, const Side&, std::span<const double>);
KETGRAD_INSTANTIATE(float)
KETGRAD_INSTANTIATE(double)
#undef KETGRAD_INSTANTIATE
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace qml
