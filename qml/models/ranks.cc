#include "qml/models/ranks.h"

#include <algorithm>

#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"

namespace qml {
namespace {

constexpr std::size_t kMostBlocks = 64;
constexpr std::size_t kRowsTogether = 8;

std::size_t rows_of_each(std::size_t n_rows) {
  const std::size_t least = (n_rows + kMostBlocks - 1) / kMostBlocks;
  return std::max<std::size_t>(1, (least + kRowsTogether - 1) / kRowsTogether) * kRowsTogether;
}

}  // namespace

bool Ranks::any(bool here) {
  const double own = here ? 1.0 : 0.0;
  return std::ranges::max(gather({&own, 1})) > 0;
}

void Ranks::require_same(std::span<const double> numbers, std::span<const char* const> names) {
  const std::vector<double> all = gather(numbers);
  for (std::size_t other = 1; other < size(); ++other) {
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      qsim::require(all[k] == all[other * numbers.size() + k], "ranks 0 and ", other, " differ in ",
                    names[k], "; all train the same model on the same samples");
    }
  }
}

RowBlocks::RowBlocks(std::size_t all)
    : n_rows(all), rows(rows_of_each(all)), count(std::max<std::size_t>(1, all / rows)) {}

Dataset part_of(const Dataset& data, std::size_t begin, std::size_t end) {
  const auto part = [&](std::span<const double> values) {
    const std::size_t width = values.size() / data.size;
    return values.subspan(begin * width, (end - begin) * width);
  };
  return {.size = end - begin,
          .inputs = part(data.inputs),
          .targets = part(data.targets),
          .sample_weights = part(data.sample_weights),
          .first = data.first + begin};
}

std::vector<double> sum_over_blocks(Ranks& ranks, const Dataset& data, std::size_t width,
                                    const OfBlock& of_block) {
  const RowBlocks blocks(data.size);
  const std::size_t first = ranks.rank() * blocks.count / ranks.size();
  const std::size_t end = (ranks.rank() + 1) * blocks.count / ranks.size();
  std::vector<double> own((end - first) * width, 0.0);
  for (std::size_t b = first; b < end; ++b) {
    qsim::poll_interrupt();
    of_block(part_of(data, blocks.begin(b), blocks.end(b)),
             std::span(own).subspan((b - first) * width, width));
  }
  const std::vector<double> all = ranks.gather(own);
  std::vector<double> out(width, 0.0);
  for (std::size_t k = 0; k < all.size(); ++k) out[k % width] += all[k];
  return out;
}

}  // namespace qml
