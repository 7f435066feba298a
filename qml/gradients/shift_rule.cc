#include "qml/gradients/shift_rule.h"

#include <Eigen/Dense>
#include <cmath>
#include <numbers>

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

}  // namespace qml
