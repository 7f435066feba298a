#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "qsim/core/types.h"
#include "qsim/kernels/kernels.h"

// Gates on single qubits as passes over a tile: which qubits each pass turns, and where phases go.

namespace qsim {

using QubitPhases = std::array<Complex, 2>;

// The products of one factor a qubit, for all patterns of the qubits.
std::vector<Complex> phase_products(std::span<const QubitPhases> factors);

// A gate diag(post) · R · diag(pre), R = [c −s; s c].
struct PassTurn {
  Qubit qubit = 0;
  QubitPhases pre{1.0, 1.0};
  QubitPhases post{1.0, 1.0};
  double c = 1;
  double s = 0;
  bool tangent = false;  // R without the factor c
};

// Lets gates go without their cosines as long as what that makes of the numbers has room; returns
// the product of these.
double leave_cosines(std::span<PassTurn> gates);

// Factors of all amplitudes of a tile, before the gates or behind, and the qubits that have phases
// by the tile beside them.
template <class T>
struct MergedPhases {
  const T* factors = nullptr;
  Index by_tile = 0;
  bool before = true;
};

template <class T>
class TurnPasses {
 public:
  // Gates each on another qubit of the tile, the high ones first, times a scale.
  void write(std::span<PassTurn> gates, std::size_t n_high, int n_qubits, double scale,
             const std::optional<MergedPhases<T>>& merged);

  // `by_tile`: the phases of a tile, by local qubit; none where merged phases have none.
  void apply(T* tile, int n_qubits, std::span<const QubitPhases> by_tile) const;

 private:
  [[nodiscard]] std::size_t merged_pass() const { return merged_before_ ? 0 : passes_.size() - 1; }

  std::vector<TurnPass<T>> passes_;
  bool merged_before_ = true;
};

}  // namespace qsim
