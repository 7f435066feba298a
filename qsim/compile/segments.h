#pragma once

#include <vector>

#include "qsim/compile/program.h"

// A program cut into segments for running through the cache: the steps of one segment act on few
// enough qubits that the state can be taken through them tile by tile, one trip through memory for
// dozens of gates. A tile holds the amplitudes that differ in the segment's qubits only.

namespace qsim {

struct TileSize {
  int qubits = 0;  // of a tile
  int low = 0;     // the lowest qubits are in every tile, so that memory is read in long runs
};

// Part of a segment: what one or more passes over a tile do.
struct TileOp {
  enum class Kind : unsigned char {
    kTurns,   // steps on single qubits, each on another one
    kLinear,  // x, cx and swap, which permute basis states linearly over GF(2); in order
    kPhases,  // diagonal steps, which commute
    kStep,    // any one step
  };
  Kind kind = Kind::kStep;
  std::vector<int> steps{};  // indices into the program's
};

struct Segment {
  std::vector<Qubit> qubits{};  // of the tile, ascending; none: its step acts on the whole state
  std::vector<TileOp> ops{};
  // Of a state that the program prepared, all amplitudes with a 1 outside of this mask are zero,
  // before and after.
  Index reach = 0;
};

// The qubits a step acts on, by the operator that it acts with: as two steps commute where on every
// qubit both act with the same Pauli.
struct Roles {
  Index x = 0;
  Index y = 0;
  Index z = 0;      // controls and diagonals
  Index other = 0;  // no Pauli
  // Whose amplitudes mix. The other qubits of a step need not be in the tile.
  [[nodiscard]] Index mixed() const { return x | y | other; }
  [[nodiscard]] Index all() const { return mixed() | z; }
};
Roles roles_of(const Step& step);

// Whether a step acts on one qubit, without controls.
bool is_single(const Step& step);

// Whether a step acts on several qubits and is diagonal.
bool is_joint_phase(const Step& step);

// Whether a step maps basis states linearly: cx or swap.
bool is_linear(const Step& step);

// For a state of n_qubits, which may be more than the program's.
std::vector<Segment> segments_of(const Program& program, int n_qubits, TileSize tile, Start start);

}  // namespace qsim
