#include "qsim/compile/spectrum.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace qsim {
namespace {

// Differences closer than this are one frequency: eigenvalues carry rounding errors.
constexpr double kSameFrequency = 1e-9;

std::vector<double> positive_differences(const std::vector<double>& eigenvalues) {
  std::vector<double> out;
  for (const double a : eigenvalues) {
    for (const double b : eigenvalues) {
      if (a - b > kSameFrequency) out.push_back(a - b);
    }
  }
  std::sort(out.begin(), out.end());
  const auto same = [](double a, double b) { return b - a <= kSameFrequency * std::max(1.0, b); };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

}  // namespace

Spectrum diagonalise(const Matrix& hermitian) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(hermitian);
  return {{solver.eigenvalues().begin(), solver.eigenvalues().end()}, solver.eigenvectors()};
}

std::vector<double> frequencies(const Primitive& primitive) {
  std::vector<double> eigenvalues;
  if (primitive.kind == Primitive::Kind::kEvolution) {
    eigenvalues = diagonalise(*primitive.matrix).eigenvalues;
  } else if (primitive.pauli.is_identity()) {
    eigenvalues = {primitive.scale / 2};
  } else {
    eigenvalues = {-primitive.scale / 2, primitive.scale / 2};
  }
  if (!primitive.controls.empty()) eigenvalues.push_back(0.0);  // where a control fails
  return positive_differences(eigenvalues);
}

}  // namespace qsim
