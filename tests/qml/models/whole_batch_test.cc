#include "qml/models/losses/whole_batch.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "qsim/core/error.h"
#include "tests/catch.h"

using Catch::Matchers::Matches;
using qml::BatchLossFunction;
using qml::OutcomeDistance;

namespace {

using Numbers = std::vector<double>;

Numbers distributions(std::size_t rows, std::size_t n, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> draw(0.1, 1.0);
  Numbers out;
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (std::size_t k = 0; k < n; ++k) sum += out.emplace_back(draw(generator));
    for (std::size_t k = 0; k < n; ++k) out[row * n + k] /= sum;
  }
  return out;
}

double value_of(const BatchLossFunction& loss, const qml::LossBatch& batch) {
  Numbers gradient(batch.outputs.size());
  return loss(batch, gradient);
}

void check_gradient(const BatchLossFunction& loss, qml::LossBatch batch) {
  Numbers found(batch.outputs.size());
  loss(batch, found);
  Numbers outputs(batch.outputs.begin(), batch.outputs.end());
  batch.outputs = outputs;
  constexpr double kStep = 1e-6;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const double at = outputs[k];
    outputs[k] = at + kStep;
    const double above = value_of(loss, batch);
    outputs[k] = at - kStep;
    const double below = value_of(loss, batch);
    outputs[k] = at;
    CHECK(found[k] == Approx((above - below) / (2 * kStep)).margin(1e-7));
  }
}

// Σ_s exp(−d²/(2s)) / |s| of a dense kernel.
double dense_mmd(const Numbers& p, const Numbers& q, const Numbers& bandwidths, bool of_bits) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    for (std::size_t j = 0; j < p.size(); ++j) {
      const auto apart = static_cast<double>(i > j ? i - j : j - i);
      const double squared = of_bits ? std::popcount(i ^ j) : apart * apart;
      for (const double s : bandwidths) {
        sum += (p[i] - q[i]) * std::exp(-squared / (2 * s)) * (p[j] - q[j]);
      }
    }
  }
  return sum / static_cast<double>(bandwidths.size());
}

}  // namespace

TEST_CASE("The discrepancy of distributions is that of its dense kernel", "[loss]") {
  // Numbers of outcomes that are no powers of two, and kernels within a few outcomes and across
  // all.
  for (const std::size_t n :
       {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{64}, std::size_t{100}}) {
    const Numbers p = distributions(1, n, 1);
    const Numbers q = distributions(1, n, 2);
    for (const Numbers& bandwidths : {Numbers{0.25, 1.0, 4.0}, Numbers{1e4}}) {
      for (const bool of_bits : {false, true}) {
        const auto distance = of_bits ? OutcomeDistance::kBits : OutcomeDistance::kIntegers;
        const double value = value_of(qml::mmd(n, bandwidths, distance), {1, p, q});
        CHECK(value == Approx(dense_mmd(p, q, bandwidths, of_bits)).epsilon(1e-12).margin(1e-15));
      }
    }
  }
}

TEST_CASE("Losses of a whole batch have their derivatives", "[loss]") {
  const Numbers p = distributions(3, 6, 3);
  const Numbers q = distributions(3, 6, 4);
  const Numbers weights{0.5, 2.0, 1.0};
  for (const BatchLossFunction& loss :
       {qml::mmd(6, {0.5, 2.0}, OutcomeDistance::kIntegers),
        qml::mmd(6, {0.5, 2.0}, OutcomeDistance::kBits), qml::negative_log_likelihood(),
        qml::kl_divergence(), qml::kernel_alignment({}), qml::kernel_alignment(0.3)}) {
    check_gradient(loss, {3, p, q});
    check_gradient(loss, {3, p, q, weights});
  }
}

TEST_CASE("Likelihoods keep to what a logarithm has", "[loss]") {
  const Numbers p{0.0, 1.0};
  const Numbers q{1.0, 0.0};
  const double most = -std::log(std::numeric_limits<double>::min());
  CHECK(value_of(qml::negative_log_likelihood(), {1, p, q}) == Approx(most));
  CHECK(value_of(qml::kl_divergence(), {1, p, q}) == Approx(most));
  const Numbers nan{std::nan(""), 1.0};
  CHECK(std::isnan(value_of(qml::kl_divergence(), {1, nan, q})));
}

TEST_CASE("Kernels of one class have no alignment", "[loss]") {
  const Numbers z{0.1, 0.5, -0.3};
  const Numbers same{1.0, 1.0, 1.0};
  Numbers gradient(3, 1.0);
  CHECK(qml::kernel_alignment(0.5)({3, z, same}, gradient) == 1.0);
  CHECK(gradient == Numbers(3, 0.0));
  CHECK(value_of(qml::kernel_alignment({}), {3, z, z}) == Approx(0.0).margin(1e-14));
}

TEST_CASE("Losses of a whole batch name what does not go together", "[loss]") {
  const Numbers four(4, 0.25);
  const Numbers two(2, 0.5);
  const Numbers no_sum{0.0, 0.0};
  using qml::OutcomeDistance;
  CHECK_THROWS_WITH(value_of(qml::mmd(4, {1.0}, OutcomeDistance::kBits), {2, four, four}),
                    "the model has 2 outputs; this loss is for 4");
  CHECK_THROWS_WITH(value_of(qml::kl_divergence(), {2, four, two}),
                    Matches(".*got \\(2, 2\\) and \\(2, 1\\)"));
  CHECK_THROWS_WITH(value_of(qml::kl_divergence(), {2, four, four, no_sum}),
                    Matches("weights sum to 0; .*"));
  CHECK_THROWS_AS(qml::mmd(4, {}, OutcomeDistance::kBits), qsim::ValueError);
  CHECK_THROWS_AS(qml::mmd(4, {-1.0}, OutcomeDistance::kBits), qsim::ValueError);
  CHECK_THROWS_AS(qml::kernel_alignment(0.0), qsim::ValueError);
}
