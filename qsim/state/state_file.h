#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>

#include "qsim/state/state.h"

// States in files, so that a long run can stop and go on. A file is a header of 64 bytes and chunks
// of amplitudes, in the order of kernels/layout.h, each with a checksum behind it; numbers are
// little-endian. Only the exact bits come back.

namespace qsim {

// What travels along: numbers of the caller's, such as where a stream of random numbers stood.
using StateNotes = std::array<std::uint64_t, 2>;

// Writes a file as a whole or not at all (core/atomic_file.h), with no copy of the state. Throws
// std::runtime_error naming the path. Can be interrupted.
template <class T>
void save_state(const State<T>& state, const std::string& path, const StateNotes& notes = {});

struct LoadedState {
  std::variant<State<float>, State<double>> state;
  StateNotes notes{};
};

// Throws std::runtime_error where the file cannot be read, ValueError for one that is not a
// state's, of another version, damaged or cut short, and MemoryError, before allocating, for a
// state that does not fit the memory.
LoadedState load_state(const std::string& path);

// Amplitudes [first, first + count) of a file into a state, from `at` on; reads no more than their
// chunks. Throws as load_state, and ValueError for a file of other notes, of another precision or
// with fewer amplitudes.
template <class T>
void load_amplitudes(const std::string& path, const StateNotes& notes, Index first, Index count,
                     State<T>& out, Index at);

// The hash that the checksums of states in files are: any single wrong word changes it.
std::uint64_t file_checksum(const void* data, std::size_t bytes, std::uint64_t start);

}  // namespace qsim
