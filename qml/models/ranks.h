#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "qml/models/model.h"

// Training by several processes that talk to each other. Each rank has all samples and does what
// all others do, but for the sums over the samples: these are cut into blocks, of which each takes
// some.

namespace qml {

// What a rank hears of the others. Every call is one of all ranks, in the same order; where a rank
// fails, the call that the others are in, or come to next, throws on them.
class Ranks {
 public:
  Ranks() = default;
  virtual ~Ranks() = default;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  [[nodiscard]] virtual std::size_t rank() const = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;
  // What all ranks have, one behind the other.
  virtual std::vector<double> gather(std::span<const double> own) = 0;

  // Whether it holds on some rank.
  bool any(bool here);
  // Throws ValueError on all ranks where they have not the same numbers; `names` says of each what
  // it is about.
  void require_same(std::span<const double> numbers, std::span<const char* const> names);
};

using RanksPtr = std::shared_ptr<Ranks>;

// How rows are cut: into 64 blocks at most, of a multiple of 8 rows, which engines take together.
// Who computes a block changes none of its bits, as it depends on the number of all rows alone. The
// last one has what is left, and is no shorter than the others.
struct RowBlocks {
  explicit RowBlocks(std::size_t all);

  [[nodiscard]] std::size_t begin(std::size_t block) const { return block * rows; }
  [[nodiscard]] std::size_t end(std::size_t block) const {
    return block + 1 == count ? n_rows : (block + 1) * rows;
  }

  std::size_t n_rows;
  std::size_t rows;  // of each but the last
  std::size_t count;
};

// Of some samples, those from one on.
Dataset part_of(const Dataset& data, std::size_t begin, std::size_t end);

// Writes what comes of a block of samples, into zeros.
using OfBlock = std::function<void(const Dataset& block, std::span<double> out)>;

// The sum over all blocks, in their order and on every rank, of `width` numbers each.
std::vector<double> sum_over_blocks(Ranks& ranks, const Dataset& data, std::size_t width,
                                    const OfBlock& of_block);

}  // namespace qml
