#include "qsim/core/random.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "tests/catch.h"
#include "tests/dense_reference.h"

namespace {

using qsim::Index;
using qsim::Random;
using Block = std::array<std::uint32_t, 4>;

constexpr std::uint64_t kOnes = ~std::uint64_t{0};

}  // namespace

// kat_vectors of Random123 (Salmon et al., SC'11, doi:10.1145/2063384.2063405).
TEST_CASE("Philox4x32-10 gives the published numbers", "[random]") {
  CHECK(Random::block(0, 0, 0) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(Random::block(kOnes, kOnes, kOnes) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  // The digits of π: counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0.
  CHECK(Random::block(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("words come from the blocks in order", "[random]") {
  Random random(5, 9);
  for (std::uint64_t k = 0; k < 4; ++k) {
    const Block block = Random::block(5, 9, k);
    CHECK(random.bits() == ((std::uint64_t{block[0]} << 32) | block[1]));
    CHECK(random.bits() == ((std::uint64_t{block[2]} << 32) | block[3]));
  }
}

TEST_CASE("a generator can be put anywhere in its stream", "[random]") {
  Random random(1, 2);
  std::vector<std::uint64_t> words(20);
  for (auto& word : words) word = random.bits();
  CHECK(random.position() == 20);
  for (const std::uint64_t k : {0U, 7U, 12U, 19U}) {
    random.seek(k);
    CHECK(random.position() == k);
    CHECK(random.bits() == words[k]);
  }
  random.seek(5);
  random.normal();
  random.uniform();
  CHECK(random.position() == 8);  // a normal takes two words, a uniform one
}

TEST_CASE("seeds and streams are different sequences", "[random]") {
  std::set<std::uint64_t> first;
  for (std::uint64_t k = 0; k < 50; ++k) {
    first.insert(Random(k, 0).bits());
    first.insert(Random(0, k).bits());
    first.insert(Random(k << 32, 0).bits());
    first.insert(Random(0, k << 32).bits());
  }
  CHECK(first.size() == 4 * 50 - 3);  // k = 0 is the same sequence in all four
}

TEST_CASE("uniform numbers have the moments of the unit interval", "[random]") {
  constexpr int kDraws = 200'000;
  Random random(42);
  double sum = 0;
  double squares = 0;
  double low = 1;
  double high = 0;
  for (int k = 0; k < kDraws; ++k) {
    const double u = random.uniform();
    sum += u;
    squares += u * u;
    low = std::min(low, u);
    high = std::max(high, u);
  }
  CHECK(sum / kDraws == Approx(0.5).margin(5 * std::sqrt(1.0 / 12 / kDraws)));
  CHECK(squares / kDraws == Approx(1.0 / 3).margin(5 * std::sqrt(4.0 / 45 / kDraws)));
  CHECK(low >= 0);
  CHECK(low < 1e-4);
  CHECK(high < 1);
  CHECK(high > 1 - 1e-4);
}

TEST_CASE("normal numbers have the moments of a standard normal", "[random]") {
  constexpr int kDraws = 200'000;
  Random random(43);
  std::array<double, 5> moments{};
  for (int k = 0; k < kDraws; ++k) {
    const double x = random.normal();
    for (std::size_t power = 1; power < moments.size(); ++power) {
      moments.at(power) += std::pow(x, static_cast<double>(power)) / kDraws;
    }
  }
  const double sigma = 1 / std::sqrt(double{kDraws});
  CHECK(std::abs(moments[1]) < 5 * sigma);
  CHECK(std::abs(moments[2] - 1) < 5 * std::sqrt(2.0) * sigma);
  CHECK(std::abs(moments[3]) < 5 * std::sqrt(15.0) * sigma);
  CHECK(std::abs(moments[4] - 3) < 5 * std::sqrt(96.0) * sigma);
}

TEST_CASE("below is uniform on any range", "[random]") {
  Random random(44);
  for (const Index bound : {Index{1}, Index{3}, Index{10}, Index{64}}) {
    constexpr double kPerBin = 2000;
    std::vector<double> counts(bound);
    for (Index k = 0; k < bound * Index{2000}; ++k) ++counts.at(random.below(bound));
    double chi_square = 0;
    for (const double count : counts) chi_square += (count - kPerBin) * (count - kPerBin) / kPerBin;
    const double freedom = static_cast<double>(bound) - 1;
    INFO("bound " << bound);
    CHECK(chi_square <= freedom + 5 * std::sqrt(2 * freedom) + 1e-9);
  }
  // Where the bound does not divide 2⁶⁴, draws from the incomplete interval are refused.
  const Index huge = (Index{1} << 63) + 1;
  for (int k = 0; k < 100; ++k) CHECK(random.below(huge) < huge);
}

TEST_CASE("a permutation has every number once", "[random]") {
  Random random(45);
  CHECK(random.permutation(0).empty());
  std::vector<Index> order = random.permutation(100);
  CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  std::vector<Index> all(100);
  std::iota(all.begin(), all.end(), Index{0});
  CHECK(order == all);
}

TEST_CASE("all permutations of three are equally likely", "[random]") {
  constexpr int kDraws = 60'000;
  Random random(46);
  std::map<std::vector<Index>, int> counts;
  for (int k = 0; k < kDraws; ++k) ++counts[random.permutation(3)];
  REQUIRE(counts.size() == 6);
  for (const auto& [order, count] : counts) {
    CHECK(std::abs(count - kDraws / 6) < 5 * std::sqrt(kDraws * 5.0 / 36));
  }
}

TEST_CASE("numbers drawn many at a time are those drawn one by one", "[random]") {
  for (const std::size_t skipped : {0U, 1U, 2U, 5U}) {
    for (const std::size_t count : {0U, 1U, 2U, 3U, 8U, 17U}) {
      qsim::Random one(3, 4);
      one.seek(skipped);
      qsim::Random many = one;
      std::vector<double> out(count);
      many.fill_uniform(out);
      for (const double value : out) CHECK(value == one.uniform());
      CHECK(many.position() == one.position());
    }
  }
}

TEST_CASE("more trials than doubles count are refused", "[random]") {
  Random random(1);
  CHECK(qsim::binomial(qsim::kMostTrials, 1.0, random) == qsim::kMostTrials);
  CHECK_THROWS_WITH(qsim::binomial(qsim::kMostTrials + 1, 0.5, random),
                    Catch::Matchers::Matches(".*9007199254740993 shots.*9007199254740992.*"));
}
