#include "qsim/compile/spectrum.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "qsim/core/count_work.h"

namespace qsim {
namespace {

// Eigenvalues closer than this part of their spread are one: no expectation value differs by more
// than some 1e-10 of the spread for it in its derivative (see shift_rule.h).
constexpr double kSame = 1e-13;
constexpr double kRounding = 8 * std::numeric_limits<double>::epsilon();  // of a diagonalisation

// The largest distance of sorted eigenvalues that are one.
double tolerance(const std::vector<double>& sorted) {
  if (sorted.empty()) return 0;
  const double largest = std::max(std::abs(sorted.front()), std::abs(sorted.back()));
  return std::max(kSame * (sorted.back() - sorted.front()), kRounding * largest);
}

// Sorts, and keeps the first of those that are closer to it.
void keep_distinct(std::vector<double>& values, double closer) {
  std::ranges::sort(values, [](double a, double b) {
    count_work();
    return a < b;
  });
  const auto same = [closer](double a, double b) { return b - a <= closer; };
  values.erase(std::unique(values.begin(), values.end(), same), values.end());
}

}  // namespace

std::vector<double> distinct_eigenvalues(std::vector<double> eigenvalues) {
  std::ranges::sort(eigenvalues);
  keep_distinct(eigenvalues, tolerance(eigenvalues));
  return eigenvalues;
}

std::optional<std::vector<double>> frequencies(std::vector<double> eigenvalues, std::size_t limit) {
  std::ranges::sort(eigenvalues);
  const double same = tolerance(eigenvalues);
  keep_distinct(eigenvalues, same);
  if (eigenvalues.size() > limit + 1) return std::nullopt;  // those from the lowest alone
  std::vector<double> out;
  for (std::size_t k = 1; k < eigenvalues.size(); ++k) {
    count_work(k / 8);
    for (std::size_t j = 0; j < k; ++j) out.push_back(eigenvalues[k] - eigenvalues[j]);
  }
  keep_distinct(out, 2 * same);
  if (out.size() > limit) return std::nullopt;
  return out;
}

}  // namespace qsim
