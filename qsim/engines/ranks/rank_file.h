#pragma once

#include <string>

#include "qsim/engines/ranks/rank_state.h"

// States on ranks in files: one a rank, in the format of state_file.h, beside one index of 64 bytes
// that tells how many there are. The index is written last and carries a number that all files of
// one state carry, so that files of different states are never taken for one. All ranks see the
// same folder.

namespace qsim {

// Writes PATH, and PATH.NUMBER.K for rank K in the order of the amplitudes; puts qubits in
// order. What was saved there before stays until all is written, and where anything fails. Throws
// on all ranks where one fails.
template <class T>
void save_ranks(RankState<T>& state, const std::string& path);

// Any number of ranks may load. FileError where a file cannot be read; ValueError for one that is
// damaged, cut short, of another state or of another precision.
template <class T = double>
RankState<T> load_ranks(Communicator& comm, const std::string& path);

}  // namespace qsim
