#include "qsim/core/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>
#include <utility>

#include "qsim/core/error.h"

namespace qsim {

std::array<std::uint32_t, 4> Random::block(std::uint64_t seed, std::uint64_t stream,
                                           std::uint64_t k) {
  constexpr std::uint32_t kMul0 = 0xD2511F53;
  constexpr std::uint32_t kMul1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
  constexpr int kRounds = 10;
  const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
  const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
  std::array<std::uint32_t, 4> c{low(k), high(k), low(stream), high(stream)};
  std::uint32_t key0 = low(seed);
  std::uint32_t key1 = high(seed);
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t p0 = std::uint64_t{kMul0} * c[0];
    const std::uint64_t p1 = std::uint64_t{kMul1} * c[2];
    c = {high(p1) ^ c[1] ^ key0, low(p1), high(p0) ^ c[3] ^ key1, low(p0)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return c;
}

namespace {

// A block holds two 64-bit words.
std::uint64_t word(const std::array<std::uint32_t, 4>& block, std::size_t k) {
  return (std::uint64_t{block.at(2 * k)} << 32) | block.at(2 * k + 1);
}

double unit(std::uint64_t bits) {
  constexpr int kMantissaBits = 53;
  constexpr double kUlp = 1.0 / (std::uint64_t{1} << kMantissaBits);
  return static_cast<double>(bits >> (64 - kMantissaBits)) * kUlp;
}

// std:: distributions take their bits from here; the generator itself stays counter-based.
struct BitSource {
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() const { return random->bits(); }
  Random* random;
};

}  // namespace

std::uint64_t Random::bits() {
  const std::uint64_t out = word(block(seed_, stream_, position_ / 2), position_ % 2);
  ++position_;
  return out;
}

double Random::uniform() { return unit(bits()); }

void Random::fill_uniform(std::span<double> out) {
  std::size_t k = 0;
  if (k < out.size() && position_ % 2 != 0) out[k++] = uniform();
  for (; k + 1 < out.size(); k += 2, position_ += 2) {
    const auto both = block(seed_, stream_, position_ / 2);
    out[k] = unit(word(both, 0));
    out[k + 1] = unit(word(both, 1));
  }
  if (k < out.size()) out[k] = uniform();
}

double Random::normal() {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

Index Random::below(Index bound) {
  // Rejects the incomplete last interval, so that every value is equally likely.
  const Index limit = ~Index{0} - (~Index{0} % bound + 1) % bound;
  Index draw = bits();
  while (draw > limit) draw = bits();
  return draw % bound;
}

std::vector<Index> Random::permutation(Index size) {
  std::vector<Index> order(size);
  std::iota(order.begin(), order.end(), Index{0});
  for (Index i = size; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
  return order;
}

std::int64_t binomial(std::int64_t trials, double probability, Random& random) {
  // std::binomial_distribution does not return for 2^62.
  require(trials <= kMostTrials, trials, " shots are more than the ", kMostTrials,
          " that can be counted exactly");
  BitSource source{&random};
  std::binomial_distribution<std::int64_t> draw(trials, std::clamp(probability, 0.0, 1.0));
  return draw(source);
}

// One conditional binomial after the other.
std::vector<std::int64_t> multinomial(std::span<const double> weights, std::int64_t trials,
                                      Random& random) {
  std::vector<std::int64_t> counts(weights.size(), 0);
  double rest = 0;
  for (const double value : weights) rest += value;
  for (std::size_t k = 0; k < weights.size() && trials > 0; ++k) {
    const bool last = k + 1 == weights.size() || weights[k] >= rest;
    counts[k] = last ? trials : binomial(trials, weights[k] / rest, random);
    trials -= counts[k];
    rest -= weights[k];
  }
  return counts;
}

}  // namespace qsim
