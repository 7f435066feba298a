#pragma once

#include <cstddef>
#include <vector>

#include "qsim/compile/qubit_order.h"
#include "qsim/engines/ranks/communicator.h"
#include "qsim/state/state.h"

// How amplitudes go from rank to rank, in pieces: while one travels the last is unpacked and the
// next packed.

namespace qsim {

// Of a piece; four buffers of that size are all that a move needs.
inline constexpr std::size_t kPieceBytes = std::size_t{16} << 20;
// For tests: pieces of so many bytes, a power of two, from now on; 0 restores the default. Not to
// be called while something runs.
void set_piece_bytes(std::size_t bytes);

// Qubits at local positions change places with bits of the ranks' numbers. With the 2^k − 1 ranks
// whose number differs in these bits alone, a rank trades the amplitudes whose local bits are the
// other's number for those whose bits are its own: each 2^−k of all.
template <class T>
void exchange(Communicator& comm, const std::vector<QubitSwap>& swaps, const QubitOrder& order,
              State<T>& state);

// Two ranks show each other all their amplitudes.
template <class T>
void show(Communicator& comm, int partner, const State<T>& mine, State<T>& theirs);

}  // namespace qsim
