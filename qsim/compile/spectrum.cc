#include "qsim/compile/spectrum.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>

#include "qsim/core/abandonable.h"
#include "qsim/core/count_work.h"

namespace qsim {
namespace {

// Differences closer than this are one frequency: eigenvalues carry rounding errors.
constexpr double kSameFrequency = 1e-9;

// Sorts, and keeps one of those that differ by rounding only.
template <class Same>
void keep_distinct(std::vector<double>& values, const Same& same) {
  std::sort(values.begin(), values.end(), [](double a, double b) {
    count_work();
    return a < b;
  });
  values.erase(std::unique(values.begin(), values.end(), same), values.end());
}

}  // namespace

Spectrum diagonalise(const Matrix& hermitian) {
  using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd>;
  const Solver solver = abandonable(hermitian.rows(), [hermitian] { return Solver(hermitian); });
  return {{solver.eigenvalues().begin(), solver.eigenvalues().end()}, solver.eigenvectors()};
}

std::vector<double> distinct_eigenvalues(std::vector<double> eigenvalues) {
  keep_distinct(eigenvalues, [](double a, double b) { return b - a <= kSameFrequency; });
  return eigenvalues;
}

std::optional<std::vector<double>> frequencies(std::vector<double> eigenvalues, std::size_t limit) {
  eigenvalues = distinct_eigenvalues(std::move(eigenvalues));
  if (eigenvalues.size() > limit + 1) return std::nullopt;  // those from the lowest alone
  std::vector<double> out;
  for (std::size_t k = 1; k < eigenvalues.size(); ++k) {
    count_work(k / 8);
    for (std::size_t j = 0; j < k; ++j) out.push_back(eigenvalues[k] - eigenvalues[j]);
  }
  keep_distinct(out, [](double a, double b) { return b - a <= kSameFrequency * std::max(1.0, b); });
  if (out.size() > limit) return std::nullopt;
  return out;
}

}  // namespace qsim
