#include "qsim/kernels/peak.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "qsim/kernels/peak.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace qsim::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int kChains = 16;  // enough to hide the latency of a multiply-add

// Returns the floating-point operations done; `sink` keeps the results alive.
double multiply_add(int rounds, double* sink) {
  const hn::ScalableTag<double> d;
  const auto factor = hn::Set(d, 0.999);
  const auto term = hn::Set(d, 1e-3);
  hn::Vec<decltype(d)> sums[kChains];
  for (auto& sum : sums) sum = hn::Set(d, 1.0);
  for (int r = 0; r < rounds; ++r) {
    HWY_UNROLL(16)
    for (auto& sum : sums) sum = hn::MulAdd(sum, factor, term);
  }
  for (const auto& sum : sums) *sink += hn::GetLane(sum);
  constexpr double kFlops = 2;
  return kFlops * kChains * rounds * static_cast<double>(hn::Lanes(d));
}

}  // namespace qsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace qsim {

HWY_EXPORT(multiply_add);

namespace {

double best_of_one_thread() {
  constexpr int kRounds = 20000;
  constexpr int kTries = 50;
  double best = 0;
  double sink = 0;
  for (int k = 0; k < kTries; ++k) {
    const auto start = std::chrono::steady_clock::now();
    const double flops = HWY_DYNAMIC_DISPATCH(multiply_add)(kRounds, &sink);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::max(best, flops / time.count() / 1e9);
  }
  return sink > 0 ? best : 0;
}

}  // namespace

double peak_gflops(int threads) {
  std::vector<std::future<double>> rates;
  for (int k = 0; k < threads; ++k) {
    rates.push_back(std::async(std::launch::async, best_of_one_thread));
  }
  double sum = 0;
  for (auto& rate : rates) sum += rate.get();
  return sum;
}

}  // namespace qsim
#endif
