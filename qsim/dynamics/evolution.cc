#include "qsim/dynamics/evolution.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "qsim/core/error.h"
#include "qsim/dynamics/chebyshev.h"
#include "qsim/dynamics/krylov.h"

namespace qsim {
namespace {

template <class T>
double checked_tolerance(std::optional<double> given) {
  constexpr bool kSingle = std::is_same_v<T, float>;
  constexpr double kUsual = kSingle ? 1e-5 : 1e-10;
  constexpr double kLeast = kSingle ? 1e-7 : 1e-14;
  const double tolerance = given.value_or(kUsual);
  require(tolerance >= kLeast && tolerance < 1, "the tolerance of an evolution in ",
          kSingle ? "single" : "double", " precision is ", tolerance, "; it must be from ", kLeast,
          " to below 1");
  return tolerance;
}

void require_in_range(const PauliSum& hamiltonian, double time) {
  constexpr double kLargest = 1e150;  // whose square is a number, too
  double sum = 0;
  for (const PauliTerm& term : hamiltonian.terms()) sum += std::abs(term.coefficient);
  require(sum <= kLargest, "the coefficients of a Hamiltonian sum to ", sum,
          "; it must be at most ", kLargest);
  require(std::isfinite(sum * time), "the coefficients of a Hamiltonian sum to ", sum,
          " and the time is ", time, "; their product must be finite");
}

}  // namespace

EvolutionMethod evolution_method(std::string_view name) {
  if (name == "automatic") return EvolutionMethod::kAutomatic;
  if (name == "krylov") return EvolutionMethod::kKrylov;
  if (name == "chebyshev") return EvolutionMethod::kChebyshev;
  fail("there is no method '", name,
       "' of evolution; there are 'automatic', 'krylov' and 'chebyshev'");
}

template <class T>
std::size_t evolve(const PauliSum& hamiltonian, double time, State<T>& state,
                   const EvolutionOptions& options) {
  require(hamiltonian.n_qubits() <= state.n_qubits(), "a Hamiltonian over ", hamiltonian.n_qubits(),
          " qubits does not fit a state of ", state.n_qubits());
  require(std::isfinite(time), "the time of an evolution is ", time, "; it must be finite");
  require(options.dimension >= 2, "the dimension of a Krylov space is ", int{options.dimension},
          "; it must be at least 2");
  const double tolerance = checked_tolerance<T>(options.tolerance);
  require_in_range(hamiltonian, time);
  if (time == 0 || hamiltonian.terms().empty()) return 0;
  if (options.method != EvolutionMethod::kKrylov) {
    const bool any = options.method == EvolutionMethod::kChebyshev;
    const std::size_t most = any ? std::numeric_limits<std::size_t>::max()
                                 : static_cast<std::size_t>(int{options.dimension});
    const auto products = chebyshev_evolve(hamiltonian, time, tolerance, most, state);
    if (products) return *products;
  }
  return krylov_evolve(hamiltonian, time, tolerance, options.dimension, state);
}

template std::size_t evolve(const PauliSum&, double, State<float>&, const EvolutionOptions&);
template std::size_t evolve(const PauliSum&, double, State<double>&, const EvolutionOptions&);

}  // namespace qsim
