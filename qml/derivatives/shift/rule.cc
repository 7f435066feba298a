#include "qml/derivatives/shift/rule.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <utility>

#include "qsim/compile/spectrum.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/made_once.h"

namespace qml {

namespace {

constexpr double kResidual = 1e-13;  // of a rule, in parts of the highest frequency
constexpr double kUsualCost = 2.0;   // Σ|coefficient| in parts of the highest frequency
constexpr double kMostCost = 3.0;

using Eigen::VectorXd;

// f(s) − f(−s) = 2 Σ_ω b_ω sin(ω s) and f′ = Σ_ω b_ω ω, so that the coefficients c of a rule solve
// F(ω) = Σ_μ 2 c_μ sin(ω s_μ) = ω at every frequency.
struct Rule {
  VectorXd shifts;
  VectorXd coefficients;
  double residual = 0.0;
  double cost = 0.0;
};

// The shifts are (2μ−1)π/(2·stretch·ω_max): F is symmetric about stretch·ω_max. For stretch 1 it
// has slope 0 at ω_max, so that frequencies close to that need large coefficients; otherwise it
// need not.
VectorXd shifts_of(double highest, Eigen::Index count, double stretch) {
  VectorXd out(count);
  for (Eigen::Index mu = 0; mu < count; ++mu) {
    out(mu) = static_cast<double>(2 * mu + 1) * std::numbers::pi / (2 * stretch * highest);
  }
  return out;
}

Eigen::MatrixXd system_of(const VectorXd& omega, const VectorXd& shifts) {
  return 2 * (omega * shifts.transpose()).array().sin();
}

Rule measured(const VectorXd& omega, VectorXd shifts, VectorXd coefficients) {
  const double highest = omega(omega.size() - 1);
  Rule out{.shifts = std::move(shifts), .coefficients = std::move(coefficients)};
  const VectorXd found = system_of(omega, out.shifts) * out.coefficients;
  out.residual = (found - omega).lpNorm<Eigen::Infinity>() / highest;
  out.cost = 2 * out.coefficients.lpNorm<1>() / highest;
  return out;
}

// As many shifts as frequencies. As sin((2μ−1)x)/sin x is a polynomial of degree μ−1 in sin²x and
// ω s_1 rises strictly up to π/2, the system is a Vandermonde system in distinct points and always
// has its one solution; for equally spaced frequencies no other rule has smaller coefficients.
Rule usual_rule(const VectorXd& omega) {
  VectorXd shifts = shifts_of(omega(omega.size() - 1), omega.size(), 1.0);
  VectorXd coefficients = qsim::least_squares(system_of(omega, shifts), omega);
  return measured(omega, std::move(shifts), std::move(coefficients));
}

// The smallest coefficients that have F(ω) = ω up to rounding: frequencies next to each other are
// then no more than a value and a slope of F.
Rule least_rule(const VectorXd& omega, Eigen::Index count, double stretch) {
  constexpr double kRank = 1e-15;
  VectorXd shifts = shifts_of(omega(omega.size() - 1), count, stretch);
  VectorXd coefficients = qsim::least_norm(system_of(omega, shifts), omega, kRank);
  return measured(omega, std::move(shifts), std::move(coefficients));
}

bool is_good(const Rule& rule, double most_cost) {
  return rule.residual <= kResidual && rule.cost <= most_cost;
}

// F(ω) = ω on all of (0, 1]: the least sum of squares over a grid. Its error is below 4e-14, and
// Σ|coefficient| is 1.42.
constexpr Eigen::Index kBandShifts = 24;
const Rule& unit_band() {
  constexpr Eigen::Index kPoints = 400;
  constexpr double kStretch = 1.5;
  return qsim::made_once([] {
    return least_rule(VectorXd::LinSpaced(kPoints, 1.0 / kPoints, 1.0), kBandShifts, kStretch);
  });
}

// The rule with the fewest shifts.
std::optional<Rule> fewest(const VectorXd& omega) {
  for (Eigen::Index count = 1; count <= std::min(omega.size(), kBandShifts); ++count) {
    for (const double stretch : {1.25, 1.5, 1.75, 2.0, 2.5, 3.0}) {
      qsim::poll_interrupt();
      Rule rule = least_rule(omega, count, stretch);
      if (is_good(rule, kMostCost)) return rule;
    }
  }
  return std::nullopt;
}

bool equally_spaced(const std::vector<double>& frequencies) {
  constexpr double kOff = 1e-12;
  const double step = frequencies.back() / static_cast<double>(frequencies.size());
  for (std::size_t k = 0; k < frequencies.size(); ++k) {
    const double place = static_cast<double>(k + 1) * step;
    if (std::abs(frequencies[k] - place) > kOff * frequencies.back()) return false;
  }
  return true;
}

std::vector<ShiftTerm> terms(const Rule& rule, double highest = 1.0) {
  std::vector<ShiftTerm> out;
  for (Eigen::Index mu = 0; mu < rule.shifts.size(); ++mu) {
    const double coefficient = rule.coefficients(mu) * highest;
    const double shift = rule.shifts(mu) / highest;
    out.push_back({coefficient, shift});
    out.push_back({-coefficient, -shift});
  }
  return out;
}

std::string listed(const std::vector<double>& frequencies) {
  constexpr std::size_t kMostNamed = 6;
  std::string out;
  for (std::size_t k = 0; k < std::min(frequencies.size(), kMostNamed); ++k) {
    out += qsim::concat(k == 0 ? "" : ", ", frequencies[k]);
  }
  return frequencies.size() > kMostNamed ? qsim::concat(out, ", …, ", frequencies.back()) : out;
}

// Shifts are some multiples of 1/highest; they must be numbers.
void check_range(double highest) {
  constexpr double kLargest = 1e300;
  qsim::require(highest >= 1 / kLargest && highest <= kLargest,
                "there is no shift rule for the highest frequency ", highest,
                "; it must be in [1e-300, 1e300]");
}

}  // namespace

std::vector<ShiftTerm> band_rule(double highest) {
  check_range(highest);
  return terms(unit_band(), highest);
}

std::vector<ShiftTerm> shift_rule(const std::vector<double>& frequencies) {
  if (frequencies.empty()) return {};
  double previous = 0;
  for (std::size_t k = 0; k < frequencies.size(); ++k) {
    const double f = frequencies[k];
    qsim::require(std::isfinite(f) && f > 0, "frequency ", k, " is ", f,
                  "; it must be finite and above 0");
    qsim::require(f > previous, "frequency ", k, " is ", f,
                  "; it must be above the one before it, ", previous);
    previous = f;
  }
  check_range(frequencies.back());
  const auto size = static_cast<Eigen::Index>(frequencies.size());
  const VectorXd omega = Eigen::Map<const VectorXd>(frequencies.data(), size);
  if (size > kBandShifts && !equally_spaced(frequencies)) return band_rule(frequencies.back());
  if (const Rule rule = usual_rule(omega); is_good(rule, kUsualCost)) return terms(rule);
  const std::optional<Rule> rule = fewest(omega);
  qsim::require(rule.has_value(), "there is no shift rule with small coefficients for the ",
                "frequencies ", listed(frequencies));
  return terms(*rule);
}

std::vector<ShiftTerm> shift_rule_of(const std::vector<double>& eigenvalues) {
  const auto frequencies = qsim::frequencies(eigenvalues, kMaxShiftFrequencies);
  if (frequencies) return shift_rule(*frequencies);
  const auto [lowest, highest] = std::ranges::minmax_element(eigenvalues);
  return band_rule(*highest - *lowest);
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
