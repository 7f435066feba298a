#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "qsim/core/pauli.h"
#include "qsim/kernels/pauli_class.h"

// Pauli strings arranged so that hundreds of them share a sweep over a state. The state is cut into
// tiles. A string reads a tile and the tile whose number differs by the high bits of its X mask, so
// all the strings whose high bits lie in one span of r directions (over GF(2)) are done with 2^r
// tiles, a coset of that span, which stay in the cache meanwhile.

namespace qsim {

struct PauliGroup {
  std::vector<PauliClass> classes{};
  std::vector<Index> tiles{};  // the span: the 2^r tile numbers of the coset of tile 0, ascending
  Index pivots = 0;            // r bits: tiles in which they are 0 are in different cosets

  // The numbers of the tiles of a coset are coset_start(k) ^ tiles[m].
  [[nodiscard]] Index coset_count(int n_tile_bits) const;
  [[nodiscard]] Index coset_start(Index k) const;
};

struct PauliPlan {
  std::vector<PauliTerm> terms{};   // by class
  std::vector<std::size_t> from{};  // which of the given terms it was
  std::vector<Index> z{};           // their Z masks
  std::vector<PauliClass> classes{};
};

// Into classes alone.
PauliPlan plan_paulis(std::span<const PauliTerm> terms);

// Classes into groups of up to 2^max_rank tiles of 2^tile_bits amplitudes. The time it takes grows
// as the square of the number of classes.
std::vector<PauliGroup> group_classes(std::span<const PauliClass> classes, int tile_bits,
                                      int max_rank);

}  // namespace qsim
