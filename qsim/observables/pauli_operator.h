#pragma once

#include <functional>
#include <vector>

#include "qsim/core/pauli.h"
#include "qsim/observables/pauli_sweep.h"
#include "qsim/state/state.h"

namespace qsim {

// What else is done to an image while its amplitudes are in the cache, stretch by stretch, each
// once: before the first string adds to a stretch, and after the last one, whose results add up.
struct ImageHooks {
  std::function<void(Stretch)> before{};
  std::function<double(Stretch)> after{};
};

// Σ_k c_k P_k, planned once for products with states of some qubits (pauli_strings.h).
template <class T>
class PauliOperator {
 public:
  PauliOperator(std::vector<PauliTerm> terms, int n_qubits, const SweepSizes& sizes = {});

  // out ← out + factor · Σ c P ψ; returns the sum of what `after` returns, in an order that does
  // not depend on the number of threads. The states must not be the same object.
  double accumulate(double factor, const State<T>& state, State<T>& out,
                    const ImageHooks& hooks = {}) const;

  // ‖Σ c P ψ‖².
  [[nodiscard]] double image_norm2(const State<T>& state) const;

 private:
  double accumulate_one_by_one(double factor, const State<T>& state, State<T>& out,
                               const ImageHooks& hooks) const;
  [[nodiscard]] std::vector<T> kernel_coefficients(double factor) const;

  Tiling<T> tiling_;
  bool is_tiled_;
  std::vector<PauliTerm> terms_{};
  PauliPlan plan_{};                  // of a state in tiles,
  std::vector<PauliGroup> groups_{};  // and its sweeps; none where one string goes by itself
};

extern template class PauliOperator<float>;
extern template class PauliOperator<double>;

}  // namespace qsim
