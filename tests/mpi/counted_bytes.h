#pragma once

#include <cstdint>

// What MPI itself was given to send since the last reset, by the profiling interface.

namespace reference {

struct CountedBytes {
  std::uint64_t amplitudes = 0;
  std::uint64_t agreements = 0;
  std::uint64_t largest = 0;  // message
};

CountedBytes& counted_bytes();

}  // namespace reference
