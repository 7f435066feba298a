#include "qsim/core/error.h"
#include "qsim/observables/expectation.h"
#include "qsim/observables/quantity.h"
#include "qsim/state/parts.h"

// The sweep gives 2 Re ⟨bra|∂ψ⟩, so the bra of a real function of the amplitudes is its derivative
// by conj(ψ).

namespace qsim {
namespace {

// ∂⟨O⟩ = 2 Re ⟨Oψ|∂ψ⟩.
template <class T>
void add_expval(const Observable& observable, double g, const State<T>& ket, State<T>& bra) {
  accumulate(observable, g, ket, bra);
}

// ∂(⟨O²⟩ − ⟨O⟩²) = ∂⟨(O − m)²⟩ at the fixed mean m, as ∂m drops out: 2 Re ⟨(O − m)²ψ|∂ψ⟩.
template <class T>
void add_variance(const Observable& observable, double g, const State<T>& ket, State<T>& bra) {
  const double mean = expectation(observable, ket);
  State<T> image(ket.n_qubits());
  image.set_zero();
  accumulate(observable, 1.0, ket, image, mean);
  accumulate(observable, g, image, bra, mean);
}

// bra_i = value(i, ψ_i) for all i.
template <class T, class Value>
void fill(const State<T>& ket, State<T>& bra, const Value& value) {
  bra.set_zero();  // the padding too
  const auto fill_part = [&](Part part) {
    const Index size = ket.size() / part.count;
    for (Index i = part.index * size; i < (part.index + 1) * size; ++i) {
      bra.set(i, std::complex<T>(value(i, Complex(ket.get(i)))));
    }
  };
  for_parts(ket.n_qubits(), fill_part);
}

}  // namespace

template <class T>
void fill_bra(const Program& program, Quantity quantity, std::span<const double> cotangent,
              const State<T>& ket, State<T>& bra) {
  const std::span<const double> g = cotangent;
  const auto& observables = program.observables;
  switch (quantity) {
    case Quantity::kExpval:
    case Quantity::kVariance:
      bra.set_zero();
      for (std::size_t k = 0; k < g.size(); ++k) {
        if (g[k] == 0.0) continue;
        (quantity == Quantity::kExpval ? add_expval<T> : add_variance<T>)(observables[k], g[k], ket,
                                                                          bra);
      }
      return;
    case Quantity::kProbs:  // |ψ_i|²
      if (!program.measured.empty()) {
        return fill(ket, bra, [&](Index i, Complex psi) {
          return g[gather_bits(i, program.measured)] * psi;
        });
      }
      return fill(ket, bra, [g](Index i, Complex psi) { return g[i] * psi; });
    case Quantity::kState:  // g_re Re ψ_i + g_im Im ψ_i
      return fill(ket, bra,
                  [g](Index i, Complex) { return Complex(g[2 * i], g[2 * i + 1]) / 2.0; });
  }
}

template void fill_bra(const Program&, Quantity, std::span<const double>, const State<float>&,
                       State<float>&);
template void fill_bra(const Program&, Quantity, std::span<const double>, const State<double>&,
                       State<double>&);

}  // namespace qsim
