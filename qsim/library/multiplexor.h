#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "qsim/library/gate_sequence.h"

// Multiplexed gates, also called uniformly controlled: a gate of its own on a qubit for each basis
// state of others.

namespace qsim {

// Circuits that need a gate for each of 2^n numbers.
inline constexpr int kMaxMultiplexedQubits = 16;

// exp(−i·angles[j]/2·P) on qubit k where qubits 0 … k−1 are in |j⟩, for 2^k angles, k ≥ 1: "rx",
// "ry" or "rz", at most 2^k of them and 2^k CX (of rz) or CZ (of the others), by a Gray code
// (Möttönen, Vartiainen, Bergholm, Salomaa 2004, arXiv:quant-ph/0404089). What the angles do not
// need is left out. ValueError for another number of angles, for those that are not finite, for
// more than kMaxMultiplexedQubits qubits and for other names.
Circuit multiplexed_rotation(std::string_view rotation, std::span<const double> angles);

// diag(e^{i·phases[j]}) on n qubits, exactly, by at most 2^n − 2 CX. ValueError unless there are
// 2^n finite phases, 1 ≤ n ≤ kMaxMultiplexedQubits.
Circuit diagonal(std::span<const double> phases);

// The same inside a synthesis, on any qubits, controls[0] the least significant. A rotation
// conjugated by controlled gates changes its sign where the parity of the controls is odd:
// rotations by the Walsh transform of the angles, with the parities in the order of a Gray code.
class MultiplexedRotation {
 public:
  MultiplexedRotation(Axis axis, std::vector<double> angles);
  // The controls that any gate depends on.
  [[nodiscard]] Index controls_used() const;
  // All but the last controlled gates, those on the controls in the mask that is returned.
  Index add_open(GateSequence& gates, std::span<const Qubit> controls, Qubit target) const;
  void add(GateSequence& gates, std::span<const Qubit> controls, Qubit target) const;

 private:
  void toggle(GateSequence& gates, Index mask, std::span<const Qubit> controls, Qubit target) const;

  Axis axis_;
  std::vector<std::pair<Index, double>> steps_{};  // the controls whose parity gives the sign
};

// One of 2^k unitary matrices on the target, by 2^k − 1 CZ, up to a diagonal D: what is asked for
// is D·(the gates), D's entry for |j⟩ and t on the target at 2j + t (Bergholm, Vartiainen,
// Möttönen, Salomaa 2005, arXiv:quant-ph/0410066).
std::vector<Complex> add_up_to_diagonal(GateSequence& gates,
                                        const std::vector<GateMatrix>& unitaries,
                                        std::span<const Qubit> controls, Qubit target);

// The n of 2^n numbers; ValueError, naming `what` ("the phases of a diagonal"), for counts that are
// no power of 2 from 2^least up, or too large.
int qubits_of(std::size_t count, int least, std::string_view what);

}  // namespace qsim
