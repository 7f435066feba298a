#include "qml/optimize/stationary.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "qsim/core/decompositions.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/random.h"

namespace qml {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kDistances = 12;  // π, π/2, …

// The Hessian at a place as a linear map.
class Curvature {
 public:
  Curvature(Objective& objective, std::span<const double> at)
      : objective_(objective),
        at_(Eigen::Map<const VectorXd>(at.data(), static_cast<Eigen::Index>(at.size()))),
        // Balances truncation (h²) against rounding (ε/h).
        step_(std::cbrt(objective.precision().epsilon)) {}

  VectorXd times(const VectorXd& direction) {
    qsim::poll_interrupt();
    return (gradient(at_ + step_ * direction) - gradient(at_ - step_ * direction)) / (2 * step_);
  }

 private:
  VectorXd gradient(const VectorXd& at) {
    const auto size = static_cast<std::size_t>(at.size());
    VectorXd out(at.size());
    objective_.gradient({at.data(), size}, {out.data(), size});
    return out;
  }

  Objective& objective_;
  VectorXd at_;
  double step_;
};

struct Direction {
  VectorXd along;  // of length 1
  double curvature = 0.0;
};

// Uniform in a cube.
VectorXd random_vector(std::size_t size, qsim::Random& random) {
  VectorXd out(static_cast<Eigen::Index>(size));
  for (double& x : out) x = 2 * random.uniform() - 1;
  return out;
}

// Whether the lowest eigenvalue of a space is known to be negative in the whole: what the matrix
// makes of its vector beside the space, `rest` times the last component, is too short to change
// that.
bool is_downhill(const MatrixXd& projected, double rest) {
  const auto found = qsim::diagonalise(projected);
  const double beside = rest * std::abs(found.eigenvectors(projected.rows() - 1, 0));
  return found.eigenvalues(0) + beside < 0;
}

// Lanczos with full reorthogonalisation (Golub & Van Loan 2013, section 10.3): the lowest
// eigenvalue of the Hessian in the space that it spans from a random direction.
Direction lowest_curvature(Curvature& hessian, std::size_t size, qsim::Random& random) {
  const auto n = static_cast<Eigen::Index>(size);
  const auto most = std::min<Eigen::Index>(n, kMostIterations);
  constexpr Eigen::Index kBetweenLooks = 10;
  MatrixXd basis(n, most);
  MatrixXd projected = MatrixXd::Zero(most, most);
  VectorXd next = random_vector(size, random).normalized();
  Eigen::Index used = 0;
  while (used < most) {
    basis.col(used) = next;
    VectorXd image = hessian.times(next);
    const double length = image.norm();
    projected(used, used) = next.dot(image);
    ++used;
    const auto known = basis.leftCols(used);
    image -= known * (known.transpose() * image);
    image -= known * (known.transpose() * image);  // once more, for what rounding left
    const double rest = image.norm();
    constexpr double kNothingNew = 1e-6;
    if (used == most || rest <= kNothingNew * length || rest == 0) break;
    if (used % kBetweenLooks == 0 && is_downhill(projected.topLeftCorner(used, used), rest)) break;
    projected(used, used - 1) = projected(used - 1, used) = rest;
    next = image / rest;
  }
  const auto found = qsim::diagonalise(MatrixXd(projected.topLeftCorner(used, used)));
  return {.along = (basis.leftCols(used) * found.eigenvectors.col(0)).normalized(),
          .curvature = found.eigenvalues(0)};
}

// The lowest of some places on both sides along some directions, where it is lower than `below`;
// else nothing.
std::vector<double> lowest_beside(Objective& objective, std::span<const double> at,
                                  const std::vector<VectorXd>& directions, double below) {
  std::vector<double> rows;
  for (const VectorXd& along : directions) {
    double distance = std::numbers::pi;
    for (int k = 0; k < kDistances; ++k, distance /= 2) {
      for (const double t : {distance, -distance}) {
        for (std::size_t p = 0; p < at.size(); ++p)
          rows.push_back(at[p] + t * along(static_cast<Eigen::Index>(p)));
      }
    }
  }
  const auto values = objective.values(rows, rows.size() / at.size());
  const auto lowest = std::ranges::min_element(values);
  if (!(*lowest < below)) return {};
  const auto row = static_cast<std::size_t>(lowest - values.begin());
  const auto found = std::span<const double>(rows).subspan(row * at.size(), at.size());
  return {found.begin(), found.end()};
}

}  // namespace

double rounding_of(const Objective& objective) {
  constexpr double kRoundings = 16;
  const Precision precision = objective.precision();
  return kRoundings * precision.epsilon * precision.scale;
}

Surroundings look_around(Objective& objective, std::span<const double> at, double value,
                         double tolerance, std::uint64_t seed) {
  // Where a minimum's values are the same to rounding, slopes reach √ε·spread. They do not know
  // what all values have in common, and which makes their rounding larger.
  constexpr double kRounding = 4;
  const auto [epsilon, scale, spread] = objective.precision();
  std::vector<double> gradient(at.size());
  objective.gradient(at, gradient);
  Surroundings out{.slope_limit = std::max(std::sqrt(tolerance) * spread,
                                           kRounding * std::sqrt(epsilon) * spread),
                   .margin = std::max(tolerance * spread, rounding_of(objective)),
                   .lower = {}};
  for (const double g : gradient) out.slope = std::max(out.slope, std::abs(g));
  if (!out.is_flat()) return out;
  qsim::Random random(seed, 0);
  Curvature hessian(objective, at);
  Direction lowest = lowest_curvature(hessian, at.size(), random);
  out.curvature = lowest.curvature;
  std::vector<VectorXd> directions{std::move(lowest.along)};
  for (int k = 0; k < kRandomDirections; ++k)
    directions.push_back(random_vector(at.size(), random));
  out.lower = lowest_beside(objective, at, directions, value - out.margin);
  return out;
}

}  // namespace qml
