#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "qsim/core/pauli.h"
#include "qsim/state/state.h"

namespace qsim {

// ψ ← exp(−iHt) ψ by a series of Chebyshev polynomials of H (Tal-Ezer and Kosloff 1984,
// doi:10.1063/1.448136): with the spectrum within c ± r, exp(−iHt) is
// exp(−ict) Σ_k (2 − δ_k0)(−i)^k J_k(rt) T_k((H − c)/r), whose terms fall faster than exponentially
// beyond k = rt. The series is summed from its end, by the recurrence b_k = a_k ψ + 2 H̃ b_{k+1} −
// b_{k+2} (Clenshaw 1955, doi:10.1090/S0025-5718-1955-0071856-0), which reads ψ where summing from
// the front would read and write the result. Three states of memory; no inner products, so that no
// rounding errors of one product become those of the next. Returns the number of products with H;
// none, and no change, where it would be more than `most`. The sum has terms, and all is checked.
template <class T>
std::optional<std::size_t> chebyshev_evolve(const PauliSum& hamiltonian, double time,
                                            double tolerance, std::size_t most, State<T>& state);

// J_0(x), J_1(x), … up to where all further ones add up to `tail` at most; x ≥ 0.
std::vector<double> bessel_functions(double x, double tail);

}  // namespace qsim
