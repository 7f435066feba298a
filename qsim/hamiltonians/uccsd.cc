#include "qsim/hamiltonians/uccsd.h"

#include <vector>

#include "qsim/circuit/room.h"
#include "qsim/core/bits.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"
#include "qsim/hamiltonians/product_formula.h"

namespace qsim {
namespace {

bool same_spin(int a, int b) { return (a - b) % 2 == 0; }

using Products = std::vector<FermionOperator::Product>;

Products single_excitations(int n_electrons, int n_modes) {
  Products out;
  for (int i = 0; i < n_electrons; ++i) {
    for (int a = n_electrons; a < n_modes; ++a) {
      if (same_spin(i, a)) out.push_back({{a, true}, {i, false}});
    }
  }
  return out;
}

Products double_excitations(int n_electrons, int n_modes) {
  Products out;
  for (int i = 0; i < n_electrons; ++i) {
    for (int j = i + 1; j < n_electrons; ++j) {
      for (int a = n_electrons; a < n_modes; ++a) {
        for (int b = a + 1; b < n_modes; ++b) {
          count_work();
          const bool kept = same_spin(i, j) ? same_spin(a, i) && same_spin(b, i) : !same_spin(a, b);
          if (kept) out.push_back({{a, true}, {b, true}, {j, false}, {i, false}});
        }
      }
    }
  }
  return out;
}

}  // namespace

Circuit uccsd(WholeNumber n_electrons, WholeNumber n_modes, FermionMapping mapping) {
  require(n_modes >= 2 && n_modes <= kMaxQubits && n_modes % 2 == 0,
          "the number of spin orbitals is ", int{n_modes}, "; it must be even, from 2 to ",
          kMaxQubits);
  require(n_electrons >= 0 && n_electrons <= n_modes, "the number of electrons is ",
          int{n_electrons}, "; it must be from 0 to ", int{n_modes});
  Circuit out(n_modes);
  const Index lowest = encoded(bit(n_electrons) - 1, mapping, n_modes);
  for (int q = 0; q < n_modes; ++q) {
    if (has_bit(lowest, q)) out.x(q);
  }
  Products products = single_excitations(n_electrons, n_modes);
  const Products doubles = double_excitations(n_electrons, n_modes);
  products.insert(products.end(), doubles.begin(), doubles.end());
  if (products.empty()) return out;
  constexpr double kStrings = 8;  // of a double excitation
  require_operations(kStrings * static_cast<double>(products.size()), "a UCCSD ansatz");
  const ParameterVector angles("t", static_cast<int>(products.size()));
  for (std::size_t k = 0; k < products.size(); ++k) {
    // exp(θ (T − T†)) = exp(−iθG), of which the strings commute.
    const FermionOperator excitation(products[k], Complex(0, 1));
    const PauliSum generator = map_fermions(excitation + excitation.adjoint(), mapping, n_modes);
    for (const auto& [coefficient, string] : generator.terms()) {
      add_rotation(string, Expression(angles[k]) * (2 * coefficient), out);
    }
  }
  return out;
}

}  // namespace qsim
