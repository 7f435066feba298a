#include "qsim/compile/spectrum.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

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

// Of sorted values, keeps the first of those that are closer to it.
void keep_distinct(std::vector<double>& sorted, double closer) {
  const auto same = [closer](double a, double b) { return b - a <= closer; };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
}

}  // namespace

Spectrum diagonalise(const Matrix& hermitian) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(hermitian);
  return {{solver.eigenvalues().begin(), solver.eigenvalues().end()}, solver.eigenvectors()};
}

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
    for (std::size_t j = 0; j < k; ++j) out.push_back(eigenvalues[k] - eigenvalues[j]);
  }
  std::ranges::sort(out);
  keep_distinct(out, 2 * same);
  if (out.size() > limit) return std::nullopt;
  return out;
}

}  // namespace qsim
