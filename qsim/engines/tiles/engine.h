#pragma once

#include "qsim/engines/sample_engine.h"
#include "qsim/engines/tiles/workspace.h"

namespace qsim {

// Any program, one sample at a time, through the cache in tiles: narrow states one to a thread,
// wide ones in turn, each on all threads.
//
// A program is cut into segments whose steps mix few qubits (compile/segments.h): the lowest ones
// and any others, 14 in double precision. A tile, the 256 KiB of amplitudes that differ in these
// qubits only, is gathered, taken through the whole segment and scattered; controls and diagonals
// on other qubits are the same for a whole tile. A step may overtake others where on every qubit
// both act with the same Pauli. In a segment, steps become units (tile_units.h): passes for up to
// four high qubits and all lane qubits at once (turn_passes.h); cx and swap merged into one linear
// map over GF(2); diagonals merged into one factor an amplitude, which a pass behind applies; any
// other step by itself. Gates are written D·R·D as in blocks; where only controls and diagonals
// come between two gates, the D of one joins these or the next. Amplitudes outside the reach of the
// gates so far are known to be zero and skipped. A step too large for a tile, or alone in its
// segment, acts on the whole state in parts of 2¹⁵ amplitudes. The numbers of tiles and parts
// depend on the number of qubits only and reductions add them in order.
//
// The way back walks the segments with the tiles of ket and bra side by side. Before a unit is
// undone it is measured: X, Y and Z of each gate on one qubit, Im conj(bra_i) ket_i of merged
// diagonals, for other steps the transition matrix M = Tr_rest |ket⟩⟨bra|; a derivative is a trace
// of small matrices.
template <class T>
class TileEngine final : public SampleEngine<T, TileWorkspace<T>> {
 public:
  using SampleEngine<T, TileWorkspace<T>>::SampleEngine;
  [[nodiscard]] Slicing slicing(const Batch& batch) const override;
};

extern template class TileEngine<float>;
extern template class TileEngine<double>;

}  // namespace qsim
