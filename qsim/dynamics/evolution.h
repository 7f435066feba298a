#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "qsim/core/pauli.h"
#include "qsim/state/state.h"

// Evolution in time, ψ ← exp(−iHt) ψ, without the error of a product formula. Both methods need
// nothing but products with H, which are sweeps over Pauli strings.

namespace qsim {

enum class EvolutionMethod : unsigned char {
  kAutomatic,  // the series where it is no longer than a Krylov space may be, for its products
               // take half the time; else Lanczos, which sees how far a long time goes
  kKrylov,     // Lanczos in spaces of few dimensions (krylov.h): the fewest products
  kChebyshev   // a series of fixed length (chebyshev.h): three states of memory
};

// "automatic", "krylov" or "chebyshev"; ValueError otherwise.
EvolutionMethod evolution_method(std::string_view name);

struct EvolutionOptions {
  EvolutionMethod method = EvolutionMethod::kAutomatic;
  // The most that the result may differ by, in norm, beside rounding errors of about
  // ‖H‖·|t| times those of the precision. None: 1e-10, in single precision 1e-5.
  std::optional<double> tolerance{};
  WholeNumber dimension = 40;  // of a Krylov space at most; one state each
};

// Returns the number of products with H. ValueError, and no change, for a sum over more qubits than
// the state has, a time that is not finite, a tolerance outside [1e-14, 1) (in single precision
// [1e-7, 1)) and a dimension below 2. Asks for the memory of all states first.
template <class T>
std::size_t evolve(const PauliSum& hamiltonian, double time, State<T>& state,
                   const EvolutionOptions& options = {});

}  // namespace qsim
