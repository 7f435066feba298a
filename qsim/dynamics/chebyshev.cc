#include "qsim/dynamics/chebyshev.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/dynamics/spectral_bounds.h"
#include "qsim/dynamics/vectors.h"
#include "qsim/observables/pauli_operator.h"

namespace qsim {
namespace {

// The terms of sign·(H − centre)/radius.
std::vector<PauliTerm> scaled_terms(const PauliSum& hamiltonian, double centre, double radius,
                                    double sign) {
  std::vector<PauliTerm> terms = hamiltonian.terms();
  terms.push_back({-centre, {}});
  const PauliSum shifted(hamiltonian.n_qubits(), terms);
  return (shifted * (sign / radius)).terms();
}

// The coefficients of exp(−irt H̃) = Σ a_k T_k(H̃), times a phase.
std::vector<Complex> series(double x, double tail, Complex phase) {
  const std::vector<double> bessel = bessel_functions(x, tail);
  std::vector<Complex> out;
  out.reserve(bessel.size());
  for (std::size_t k = 0; k < bessel.size(); ++k) {
    out.push_back(phase * power_of_i(-static_cast<int>(k % 4)) * (k == 0 ? 1.0 : 2.0) * bessel[k]);
  }
  return out;
}

// Of the k-th sum of Clenshaw: chosen so that its recurrence only adds.
double clenshaw_sign(std::size_t k) { return k % 4 < 2 ? 1 : -1; }

}  // namespace

std::vector<double> bessel_functions(double x, double tail) {
  // Miller's recurrence from so far up that the functions there are nothing, normalised by
  // J_0 + 2 J_2 + 2 J_4 + … = 1 (Abramowitz and Stegun, 9.12).
  constexpr double kTiny = 1e-30;
  constexpr double kLarge = 1e200;
  if (x < kTiny) return {1.0};
  const double start = std::ceil(x + 20 * std::cbrt(x) + 60);
  require_memory(2 * sizeof(double) * start, concat("a series of ", start, " terms"));
  std::vector<double> out(static_cast<std::size_t>(start) + 2);
  out[out.size() - 2] = 1;
  for (std::size_t k = out.size() - 2; k > 0; --k) {
    count_work();
    out[k - 1] = 2 * static_cast<double>(k) / x * out[k] - out[k + 1];
    if (std::abs(out[k - 1]) < kLarge) continue;
    for (std::size_t j = k - 1; j < out.size() && out[j] != 0; ++j) out[j] /= kLarge;
  }
  double sum = out[0];
  for (std::size_t k = 2; k < out.size(); k += 2) sum += 2 * out[k];
  for (double& value : out) value /= sum;
  double rest = 0;
  while (out.size() > 1 && rest + std::abs(out.back()) <= tail) {
    rest += std::abs(out.back());
    out.pop_back();
  }
  return out;
}

template <class T>
std::optional<std::size_t> chebyshev_evolve(const PauliSum& hamiltonian, double time,
                                            double tolerance, std::size_t most, State<T>& state) {
  const int n = state.n_qubits();
  const auto [lowest, highest] = spectral_bounds(hamiltonian);
  const double centre = (highest + lowest) / 2;
  constexpr double kLeastRadius = 1e-200;  // any above the true one will do; its inverse is finite
  const double radius = std::max((highest - lowest) / 2, kLeastRadius);
  const double x = radius * std::abs(time);
  if (x > static_cast<double>(most)) return std::nullopt;  // beyond it terms begin to fall
  const std::vector<Complex> a = series(x, tolerance / 2, std::polar(1.0, -centre * time));
  const std::size_t top = a.size() - 1;
  if (top > most) return std::nullopt;
  constexpr double kStates = 3;
  require_memory(kStates * State<T>::bytes(n),
                 concat("evolving ", n, " qubits by a Chebyshev series"));
  const PauliOperator<T> product(scaled_terms(hamiltonian, centre, radius, time < 0 ? -1 : 1), n);

  State<T> sum(n);  // b_k and b_{k+1}, but for their signs
  State<T> last(n);
  sum.set_zero();
  last.set_zero();
  for_parts(n, [&](Part part) {
    add_scaled(state, clenshaw_sign(top) * a[top], sum, stretch_of(state, part));
  });
  for (std::size_t k = top; k-- > 0;) {
    const Complex of_start = clenshaw_sign(k) * a[k];
    const double of_product = (k == 0 ? 1 : 2) * clenshaw_sign(k) * clenshaw_sign(k + 1);
    product.accumulate(of_product, sum, last, {.before = [&](Stretch stretch) {
                         add_scaled(state, of_start, last, stretch);
                       }});
    std::swap(sum, last);
  }
  state = std::move(sum);
  return top;
}

template std::optional<std::size_t> chebyshev_evolve(const PauliSum&, double, double, std::size_t,
                                                     State<float>&);
template std::optional<std::size_t> chebyshev_evolve(const PauliSum&, double, double, std::size_t,
                                                     State<double>&);

}  // namespace qsim
