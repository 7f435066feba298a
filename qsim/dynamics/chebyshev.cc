#include "qsim/dynamics/chebyshev.h"

#include <cmath>
#include <utility>

#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/core/memory.h"
#include "qsim/dynamics/spectral_bounds.h"
#include "qsim/dynamics/vectors.h"
#include "qsim/observables/pauli_strings.h"

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

template <class T>
void add_complex(const State<T>& in, Complex factor, State<T>& out) {
  for_parts(in.n_qubits(), [&](Part part) {
    kernels<T>().accumulate(out.data(), in.data(), in.storage(), {}, std::complex<T>(factor), part);
  });
}

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
std::size_t chebyshev_evolve(const PauliSum& hamiltonian, double time, double tolerance,
                             State<T>& state) {
  constexpr double kStates = 3;
  const int n = state.n_qubits();
  require_memory(kStates * State<T>::bytes(n),
                 concat("evolving ", n, " qubits by a Chebyshev series"));
  const auto [lowest, highest] = spectral_bounds(hamiltonian);
  const double centre = (highest + lowest) / 2;
  const double radius = (highest - lowest) / 2;
  const std::vector<double> bessel = bessel_functions(radius * std::abs(time), tolerance / 2);
  const auto terms = scaled_terms(hamiltonian, centre, radius, time < 0 ? -1 : 1);
  const Complex phase = std::polar(1.0, -centre * time);

  State<T> before(n);
  State<T> current(state);  // T_k ψ, but for a sign
  State<T> out(n);
  out.set_zero();
  add_complex(state, phase * bessel[0], out);
  double sign = 1;  // of T_k ψ, chosen so that T_{k+1} = 2 H T_k − T_{k−1} needs no negative
  double sign_before = -1;
  before.set_zero();
  for (std::size_t k = 1; k < bessel.size(); ++k) {
    const double next = -sign_before;
    accumulate_paulis<T>(terms, (k == 1 ? 1 : 2) * sign / next, current, before);
    std::swap(before, current);
    sign_before = std::exchange(sign, next);
    add_complex(current, phase * 2.0 * bessel[k] * next * power_of_i(-static_cast<int>(k % 4)),
                out);
  }
  state = std::move(out);
  return bessel.size() - 1;
}

template std::size_t chebyshev_evolve(const PauliSum&, double, double, State<float>&);
template std::size_t chebyshev_evolve(const PauliSum&, double, double, State<double>&);

}  // namespace qsim
