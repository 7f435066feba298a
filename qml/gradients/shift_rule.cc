#include "qml/gradients/shift_rule.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "qsim/compile/spectrum.h"
#include "qsim/core/error.h"

namespace qml {

std::vector<ShiftTerm> shift_rule(const std::vector<double>& frequencies) {
  if (frequencies.empty()) return {};
  double previous = 0;
  for (const double f : frequencies) {
    qsim::require(std::isfinite(f) && f > previous, "frequency ", f,
                  " is not above the one before it, ", previous);
    previous = f;
  }
  // f(s) − f(−s) = 2 Σ_ω b_ω sin(ω s) and f′ = Σ_ω b_ω ω, so the coefficients of the R shifts
  // s_μ = (2μ−1)π/(2 ω_max) solve Σ_μ 2 c_μ sin(ω s_μ) = ω. As sin((2μ−1)x)/sin x is a polynomial
  // of degree μ−1 in sin²x and ω s_1 rises strictly up to π/2, the system is a Vandermonde system
  // in distinct points and always has its one solution.
  const auto size = static_cast<Eigen::Index>(frequencies.size());
  const Eigen::Map<const Eigen::VectorXd> omega(frequencies.data(), size);
  Eigen::VectorXd shifts(size);
  for (Eigen::Index mu = 0; mu < size; ++mu) {
    shifts(mu) = static_cast<double>(2 * mu + 1) * std::numbers::pi / (2 * frequencies.back());
  }
  const Eigen::MatrixXd system = 2 * (omega * shifts.transpose()).array().sin();
  const Eigen::VectorXd coefficients = system.fullPivLu().solve(omega);
  std::vector<ShiftTerm> out;
  for (Eigen::Index mu = 0; mu < size; ++mu) {
    out.push_back({coefficients(mu), shifts(mu)});
    out.push_back({-coefficients(mu), -shifts(mu)});
  }
  return out;
}

std::vector<qsim::Complex> ShiftInterpolation::weights(double shift) const {
  std::vector<qsim::Complex> out;
  for (const double at : shifts) {
    qsim::Complex sum = 0;
    for (const double eigenvalue : eigenvalues) sum += std::polar(1.0, -eigenvalue * (shift - at));
    out.push_back(sum / static_cast<double>(eigenvalues.size()));
  }
  return out;
}

std::optional<ShiftInterpolation> shift_interpolation(const std::vector<double>& eigenvalues,
                                                      std::size_t limit) {
  // Eigenvalues farther from their places on the grid would be seen in the states.
  constexpr double kTolerance = 1e-13;
  ShiftInterpolation out{.eigenvalues = qsim::distinct_eigenvalues(eigenvalues), .shifts = {}};
  const std::size_t m = out.eigenvalues.size();
  if (m < 2 || m > limit) return std::nullopt;
  const double first = out.eigenvalues.front();
  const double spacing = (out.eigenvalues.back() - first) / static_cast<double>(m - 1);
  const double scale = std::max(std::abs(first), std::abs(out.eigenvalues.back()));
  for (const double eigenvalue : eigenvalues) {
    const double nearest = first + std::round((eigenvalue - first) / spacing) * spacing;
    if (std::abs(eigenvalue - nearest) > kTolerance * scale) return std::nullopt;
  }
  for (std::size_t j = 0; j < m; ++j) {
    out.shifts.push_back(2 * std::numbers::pi * static_cast<double>(j) /
                         (static_cast<double>(m) * spacing));
  }
  return out;
}

}  // namespace qml
