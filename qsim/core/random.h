#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "qsim/core/types.h"

namespace qsim {

// Counter-based generator Philox4x32-10 (Salmon et al., SC'11, doi:10.1145/2063384.2063405):
// the k-th number of a (seed, stream) pair is a pure function of (seed, stream, k), so results do
// not depend on threads or on the order in which streams are used.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  std::uint64_t bits();                      // 64 uniform bits
  double uniform();                          // [0, 1)
  void fill_uniform(std::span<double> out);  // what calls of uniform() would give, faster
  double normal();                           // standard normal (Box–Muller)
  Index below(Index bound);                  // uniform in [0, bound), bound > 0
  std::vector<Index> permutation(Index size);

  // The k-th 128-bit block of a stream.
  static std::array<std::uint32_t, 4> block(std::uint64_t seed, std::uint64_t stream,
                                            std::uint64_t k);

  // How many 64-bit words were drawn: with seed and stream, the whole state of the generator.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  void seek(std::uint64_t position) { position_ = position; }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t position_ = 0;
};

// Beyond, not every whole number is a double.
inline constexpr std::int64_t kMostTrials = std::int64_t{1} << 53;
// How many of `trials` succeed. ValueError for more than kMostTrials.
std::int64_t binomial(std::int64_t trials, double probability, Random& random);
// How often each outcome comes up, for weights of any sum.
std::vector<std::int64_t> multinomial(std::span<const double> weights, std::int64_t trials,
                                      Random& random);

}  // namespace qsim
