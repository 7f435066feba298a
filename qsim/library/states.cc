#include "qsim/library/states.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/error.h"

namespace qsim {
namespace {

// The angle of an RY that takes |0⟩ to √p|0⟩ + √(1 − p)|1⟩.
double angle_keeping(double probability) { return 2 * std::acos(std::sqrt(probability)); }

// Moves, with the right amplitude, the 0 before `l` ones that end at qubit `last` to behind them
// (gates (i) and (ii) of figure 3).
void shift_cyclically(Circuit& circuit, int last, int l) {
  const Qubit moved = last - l;
  std::vector<Control> controls{{last, true}};
  if (l > 1) controls.push_back({moved + 1, true});
  circuit.cx(moved, last);
  circuit.gate("ry", {angle_keeping(static_cast<double>(l) / (last + 1))}, {moved},
               std::move(controls));
  circuit.cx(moved, last);
}

}  // namespace

Circuit ghz_state(WholeNumber n_qubits) {
  Circuit out(n_qubits);
  out.h(0);
  for (int q = 1; q < n_qubits; ++q) out.cx(q - 1, q);
  return out;
}

Circuit w_state(WholeNumber n_qubits) {
  Circuit out(n_qubits);
  out.x(0);
  for (int q = 0; q + 1 < n_qubits; ++q) {
    out.cry(angle_keeping(1.0 / (n_qubits - q)), q, q + 1).cx(q + 1, q);
  }
  return out;
}

Circuit dicke_state(WholeNumber n_qubits, WholeNumber n_ones) {
  Circuit out(n_qubits);
  const int n = n_qubits;
  require(n_ones >= 0 && n_ones <= n, "number of ones ", int{n_ones}, " is outside [0, ", n, "]");
  const int k = std::min<int>(n_ones, n - n_ones);
  require_operations(3.0 * k * n, "a Dicke state");
  for (int q = n - k; q < n; ++q) out.x(q);
  for (int last = n - 1; last > 0; --last) {
    for (int l = 1; l <= std::min(k, last); ++l) shift_cyclically(out, last, l);
  }
  for (int q = 0; k < n_ones && q < n; ++q) out.x(q);
  return out;
}

Circuit graph_state(std::span<const std::pair<Qubit, Qubit>> edges, WholeNumber n_qubits) {
  Qubit last = n_qubits - 1;
  std::set<std::pair<Qubit, Qubit>> seen;
  for (const auto& [a, b] : edges) {
    count_work();
    if (n_qubits == 0) last = std::max({last, a, b});
    require(seen.emplace(std::min(a, b), std::max(a, b)).second, "edge (", a, ", ", b,
            ") is given twice");
  }
  require(last >= 0, "a graph state needs edges or a number of qubits");
  require(last < kMaxCircuitQubits, "a graph state of ", last, " qubits and more is beyond ",
          kMaxCircuitQubits);
  Circuit out(last + 1);
  for (Qubit q = 0; q <= last; ++q) out.h(q);
  for (const auto& [a, b] : edges) out.cz(a, b);
  return out;
}

}  // namespace qsim
