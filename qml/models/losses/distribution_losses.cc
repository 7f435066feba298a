#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include "qml/models/losses/whole_batch.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"

namespace qml {
namespace {

using qsim::require;
using Row = Eigen::Map<const Eigen::ArrayXd>;
using MutableRow = Eigen::Map<Eigen::ArrayXd>;

Row row_of(std::span<const double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}
MutableRow row_of(std::span<double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

// Σ_row share · of_row(outputs, targets, by_outputs), of_row being the loss of one.
template <class OfRow>
double mean_over_rows(const LossBatch& batch, std::span<double> by_outputs, const OfRow& of_row) {
  const std::size_t rows = batch.rows;
  require(rows >= 1 && !batch.outputs.empty() && batch.targets.size() == batch.outputs.size(),
          "outputs and targets must have the same shape (rows, n_outputs), got (", rows, ", ",
          batch.outputs.size() / std::max<std::size_t>(rows, 1), ") and (", rows, ", ",
          batch.targets.size() / std::max<std::size_t>(rows, 1), ")");
  const std::size_t n = batch.outputs.size() / rows;
  const std::vector<double> shares = shares_of(batch);
  double mean = 0;
  for (std::size_t k = 0; k < rows; ++k) {
    const auto gradient = by_outputs.subspan(k * n, n);
    mean += shares[k] * of_row(row_of(batch.outputs.subspan(k * n, n)),
                               row_of(batch.targets.subspan(k * n, n)), row_of(gradient));
    row_of(gradient) *= shares[k];
    qsim::poll_interrupt();
  }
  return mean;
}

// A kernel that depends on the difference of two numbers: out += K·in.
class KernelOfIntegers {
 public:
  KernelOfIntegers(std::size_t n_outcomes, const std::vector<double>& bandwidths) {
    // What is this small against K(i, i) = 1 is lost in the rounding of any sum with it.
    constexpr double kLost = 1e-20;
    const double widest = *std::ranges::max_element(bandwidths);
    const double reach = std::sqrt(-2 * widest * std::log(kLost)) + 2;
    qsim::require_memory(sizeof(double) * std::min(static_cast<double>(n_outcomes), reach),
                         "the kernel of " + std::to_string(n_outcomes) + " outcomes");
    for (std::size_t d = 0; d < n_outcomes; ++d) {
      qsim::poll_interrupt();
      const auto squared = static_cast<double>(d) * static_cast<double>(d);
      double sum = 0;
      for (const double s : bandwidths) sum += std::exp(-squared / (2 * s));
      at_.push_back(sum / static_cast<double>(bandwidths.size()));
      if (at_.back() < kLost) break;
    }
  }

  void apply(const Eigen::ArrayXd& in, MutableRow out) const {
    const Eigen::Index n = in.size();
    out = at_.front() * in;
    for (std::size_t k = 1; k < at_.size(); ++k) {
      if (n > kLongRow) qsim::poll_interrupt();
      const auto d = static_cast<Eigen::Index>(k);
      out.head(n - d) += at_[k] * in.tail(n - d);
      out.tail(n - d) += at_[k] * in.head(n - d);
    }
  }

 private:
  static constexpr Eigen::Index kLongRow = 1000;  // in which a poll costs nothing
  std::vector<double> at_;                        // by the difference
};

// A kernel of how many bits differ: for each bandwidth a factor [[1, a], [a, 1]] for each bit.
class KernelOfBits {
 public:
  KernelOfBits(std::size_t n_outcomes, const std::vector<double>& bandwidths)
      : size_(static_cast<Eigen::Index>(std::bit_ceil(n_outcomes))) {
    for (const double s : bandwidths) apart_.push_back(std::exp(-1 / (2 * s)));
  }

  void apply(const Eigen::ArrayXd& in, MutableRow out) const {
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(size_);
    Eigen::ArrayXd factor(size_);
    for (const double a : apart_) {
      factor << in, Eigen::ArrayXd::Zero(size_ - in.size());
      for (Eigen::Index half = 1; half < size_; half *= 2) mix(factor, half, a);
      sum += factor;
    }
    out = sum.head(out.size()) / static_cast<double>(apart_.size());
  }

 private:
  static void mix(Eigen::ArrayXd& values, Eigen::Index half, double apart) {
    for (Eigen::Index first = 0; first < values.size(); first += 2 * half) {
      for (Eigen::Index k = first; k < first + half; ++k) {
        const double zero = values[k];
        const double one = values[k + half];
        values[k] = zero + apart * one;
        values[k + half] = one + apart * zero;
      }
    }
  }

  Eigen::Index size_;  // a power of two: what is behind the last outcome is 0
  std::vector<double> apart_;
};

template <class Kernel>
BatchLossFunction mmd_by(std::size_t n_outcomes, const std::vector<double>& bandwidths) {
  // Shared by copies: a function's are many.
  const auto kernel = std::make_shared<const Kernel>(n_outcomes, bandwidths);
  return [n_outcomes, kernel](const LossBatch& batch, std::span<double> by_outputs) {
    const auto of_row = [&](const Row& p, const Row& q, MutableRow gradient) {
      require(std::cmp_equal(p.size(), n_outcomes), "the model has ", p.size(),
              " outputs; this loss is for ", n_outcomes);
      const Eigen::ArrayXd difference = p - q;
      kernel->apply(difference, gradient);
      const double value = (difference * gradient).sum();
      gradient *= 2;
      return value;
    };
    return mean_over_rows(batch, by_outputs, of_row);
  };
}

constexpr double kLeast = std::numeric_limits<double>::min();

// NaN stays, so that the loss says it.
Eigen::ArrayXd at_least(const Row& p) { return (p < kLeast).select(kLeast, p); }

}  // namespace

std::vector<double> shares_of(const LossBatch& batch) {
  if (batch.weights.empty()) {
    return std::vector<double>(batch.rows, 1 / static_cast<double>(batch.rows));
  }
  require(batch.weights.size() == batch.rows, "weights must have shape (", batch.rows, ",), got (",
          batch.weights.size(), ",)");
  std::vector<double> shares(batch.weights.begin(), batch.weights.end());
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  const bool positive = std::ranges::all_of(shares, [](double w) { return w >= 0; });
  require(positive && total > 0 && std::isfinite(total), "weights sum to ", total,
          "; they must not be negative, and their sum positive and finite");
  for (double& w : shares) w /= total;
  return shares;
}

BatchLossFunction mmd(std::size_t n_outcomes, std::vector<double> bandwidths,
                      OutcomeDistance distance) {
  require(n_outcomes >= 1, "n_outcomes=0; it must be at least 1");
  const bool positive =
      std::ranges::all_of(bandwidths, [](double s) { return s > 0 && std::isfinite(s); });
  require(!bandwidths.empty() && positive, "bandwidths must be numbers greater than 0");
  return distance == OutcomeDistance::kBits ? mmd_by<KernelOfBits>(n_outcomes, bandwidths)
                                            : mmd_by<KernelOfIntegers>(n_outcomes, bandwidths);
}

BatchLossFunction negative_log_likelihood() {
  return [](const LossBatch& batch, std::span<double> by_outputs) {
    const auto of_row = [](const Row& p, const Row& q, MutableRow gradient) {
      const Eigen::ArrayXd safe = at_least(p);
      gradient = -q / safe;
      return -(q * safe.log()).sum();
    };
    return mean_over_rows(batch, by_outputs, of_row);
  };
}

BatchLossFunction kl_divergence() {
  return [](const LossBatch& batch, std::span<double> by_outputs) {
    const auto of_row = [](const Row& p, const Row& q, MutableRow gradient) {
      const Eigen::ArrayXd safe = at_least(p);
      gradient = -q / safe;
      // Of 0 log 0 the 0 is what counts.
      return (q * ((q > 0.0).select(q, 1.0) / safe).log()).sum();
    };
    return mean_over_rows(batch, by_outputs, of_row);
  };
}

}  // namespace qml
