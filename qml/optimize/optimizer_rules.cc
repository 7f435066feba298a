#include "qml/optimize/optimizer_rules.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
#include "qsim/core/random.h"

namespace qml {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using View = Eigen::Map<VectorXd>;
using ConstView = Eigen::Map<const VectorXd>;

Eigen::Index index(std::size_t k) { return static_cast<Eigen::Index>(k); }
View view(std::span<double> v) { return {v.data(), index(v.size())}; }
std::span<const double> span(const VectorXd& v) {
  return {v.data(), static_cast<std::size_t>(v.size())};
}
VectorXd copy(std::span<const double> v) { return ConstView(v.data(), index(v.size())); }

// Rows of parameters for one evaluation.
class Population {
 public:
  void add(const VectorXd& row) {
    rows_.insert(rows_.end(), row.begin(), row.end());
    ++count_;
  }
  [[nodiscard]] std::span<const double> rows() const { return rows_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::vector<double> rows_;
  std::size_t count_ = 0;
};

double gradient(Objective& objective, const VectorXd& at, VectorXd& g) {
  g.resize(at.size());
  return objective.gradient(span(at), {g.data(), static_cast<std::size_t>(g.size())});
}

VectorXd signs(Eigen::Index size, qsim::Random& random) {  // ±1 with equal probability
  VectorXd out(size);
  for (double& x : out) x = random.bits() >> 63U != 0 ? 1.0 : -1.0;
  return out;
}

qsim::Random random_of(const Step& s) {
  return qsim::Random(s.options.seed, static_cast<std::uint64_t>(s.count));
}

double perturbation(const Step& s) {
  return s.options.perturbation / std::pow(s.count, s.options.gamma);
}

// The mean of estimates (f(θ+cδ) − f(θ−cδ))/2c · δ, and of the values.
double spsa_gradient(const Step& s, qsim::Random& random, VectorXd& g) {
  const VectorXd theta = copy(s.theta);
  const double c = perturbation(s);
  const int n = s.options.resamplings;
  // A direction and two rows of parameters for each.
  qsim::require_memory(3.0 * sizeof(double) * n * static_cast<double>(s.theta.size()),
                       qsim::concat(n, " resamplings of ", s.theta.size(), " parameters"));
  std::vector<VectorXd> directions;
  Population batch;
  for (int k = 0; k < n; ++k) {
    directions.push_back(signs(theta.size(), random));
    batch.add(theta + c * directions.back());
    batch.add(theta - c * directions.back());
  }
  const std::vector<double> values = s.objective->values(batch.rows(), batch.count());
  g.setZero(theta.size());
  double mean = 0;
  for (std::size_t k = 0; k < directions.size(); ++k) {
    g += (values[2 * k] - values[2 * k + 1]) / (2 * c * n) * directions[k];
    mean += (values[2 * k] + values[2 * k + 1]) / (2 * n);
  }
  return mean;
}

// How much the value typically changes with every parameter at once, along random signs: the size
// that all components of an estimate have.
double typical_slope(const Step& s) {
  constexpr int kDirections = 16;
  qsim::Random random(s.options.seed, 0);  // steps count from 1
  const VectorXd theta = copy(s.theta);
  const double c = s.options.perturbation;
  Population batch;
  for (int k = 0; k < kDirections; ++k) {
    const VectorXd direction = signs(theta.size(), random);
    batch.add(theta + c * direction);
    batch.add(theta - c * direction);
  }
  const std::vector<double> values = s.objective->values(batch.rows(), batch.count());
  double sum = 0;
  for (std::size_t k = 0; k < values.size(); k += 2) sum += std::abs(values[k] - values[k + 1]);
  return sum / (2 * c * kDirections);
}

// −½ of a random estimate of the Hessian of the fidelity with the state at θ (Gacon et al., eq.
// 12).
MatrixXd metric_estimate(const Step& s, qsim::Random& random) {
  const VectorXd theta = copy(s.theta);
  const double c = perturbation(s);
  const int n = s.options.resamplings;
  std::vector<std::pair<VectorXd, VectorXd>> directions;
  Population batch;
  for (int k = 0; k < n; ++k) {
    VectorXd first = signs(theta.size(), random);
    VectorXd second = signs(theta.size(), random);
    batch.add(theta + c * (first + second));
    batch.add(theta + c * first);
    batch.add(theta + c * (second - first));
    batch.add(theta - c * first);
    directions.emplace_back(std::move(first), std::move(second));
  }
  const auto f = s.objective->fidelities(s.theta, batch.rows(), batch.count());
  MatrixXd out = MatrixXd::Zero(theta.size(), theta.size());
  for (std::size_t k = 0; k < directions.size(); ++k) {
    const double change = f[4 * k] - f[4 * k + 1] - f[4 * k + 2] + f[4 * k + 3];
    const MatrixXd outer = directions[k].first * directions[k].second.transpose();
    out -= 0.5 * change / (2 * c * c * n) * 0.5 * (outer + outer.transpose());
  }
  return out;
}

// A Fourier series c + Σ_ω (a_ω cos ωt + b_ω sin ωt) fitted to its values, and its lowest point.
class Series {
 public:
  explicit Series(std::span<const double> frequencies) : omega_(copy(frequencies)) {
    // Points over the period of the smallest difference of frequencies (0 among them): the series
    // is then fixed, and well-conditioned.
    double gap = omega_(0);
    for (Eigen::Index k = 1; k < omega_.size(); ++k) {
      gap = std::min(gap, omega_(k) - omega_(k - 1));
    }
    period_ = 2 * std::numbers::pi / gap;
    const double n = 2 * std::ceil(omega_(omega_.size() - 1) / gap - kRounding) + 1;
    qsim::require(n <= kMostPoints, "rotosolve: a parameter needs ", n,
                  " evaluations as its frequencies lie close together; the limit is ", kMostPoints);
    shifts_ = VectorXd::LinSpaced(static_cast<Eigen::Index>(n), 0.0, period_ * (1 - 1 / n));
  }

  [[nodiscard]] const VectorXd& shifts() const { return shifts_; }

  // The shift of the lowest value, in (−period/2, period/2].
  [[nodiscard]] double lowest(const VectorXd& values) const {
    MatrixXd system(shifts_.size(), 1 + 2 * omega_.size());
    for (Eigen::Index k = 0; k < shifts_.size(); ++k) system.row(k) = terms(shifts_(k));
    const VectorXd c = qsim::least_squares(system, values);
    const auto value = [&](double t) { return terms(t).dot(c); };
    // The grid is finer than the fastest wave, so its lowest point lies beside the minimum.
    const Eigen::Index points = kGrid * shifts_.size();
    const double step = period_ / static_cast<double>(points);
    double best = 0;
    for (Eigen::Index k = 1; k < points; ++k) {
      const double t = static_cast<double>(k) * step;
      if (value(t) < value(best)) best = t;
    }
    best = narrowed(value, best - step, best + step);
    return best > period_ / 2 ? best - period_ : best;
  }

 private:
  static constexpr double kRounding = 1e-6;
  static constexpr double kMostPoints = 1000;
  static constexpr Eigen::Index kGrid = 16;

  [[nodiscard]] Eigen::RowVectorXd terms(double t) const {
    Eigen::RowVectorXd out(1 + 2 * omega_.size());
    out << 1.0, (t * omega_).array().cos().matrix().transpose(),
        (t * omega_).array().sin().matrix().transpose();
    return out;
  }
  // Where the slope of a function with one minimum in between is zero: bisection of its sign, which
  // is exact to rounding where values alone are to its square root.
  template <class Value>
  [[nodiscard]] double narrowed(const Value& value, double low, double high) const {
    const double h = (high - low) / 8;
    const auto rises = [&](double t) { return value(t + h) > value(t - h); };
    if (!rises(high) || rises(low)) return (low + high) / 2;
    for (int k = 0; k < 60; ++k) {
      const double middle = (low + high) / 2;
      (rises(middle) ? high : low) = middle;
    }
    return (low + high) / 2;
  }

  VectorXd omega_;
  double period_ = 0;
  VectorXd shifts_;
};

// Pairs of steps and gradient changes as memory: s in the first half of the vectors, y in the
// second, at place (t mod m).
class PairMemory {
 public:
  explicit PairMemory(const Step& s)
      : memory_(s.memory), count_(static_cast<std::size_t>(s.count) - 1) {}

  // H g by the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4).
  [[nodiscard]] VectorXd times(VectorXd q) const {
    const std::size_t used = std::min(count_, kPairsOfLBfgs);
    std::vector<double> alpha(used);
    double scale = 0;
    for (std::size_t k = 0; k < used; ++k) {  // from the newest
      const View s = step(count_ - 1 - k);
      const View y = change(count_ - 1 - k);
      const double sy = s.dot(y);
      if (sy <= 0) continue;  // the search found no lower point there
      if (scale == 0) scale = sy / y.squaredNorm();
      alpha[k] = s.dot(q) / sy;
      q -= alpha[k] * y;
    }
    q *= scale == 0 ? 1.0 / std::max(1.0, q.norm()) : scale;
    for (std::size_t k = used; k-- > 0;) {
      const View s = step(count_ - 1 - k);
      const View y = change(count_ - 1 - k);
      const double sy = s.dot(y);
      if (sy > 0) q += (alpha[k] - y.dot(q) / sy) * s;
    }
    return q;
  }
  void keep(const VectorXd& s, const VectorXd& y) {
    step(count_) = s;
    change(count_) = y;
  }

 private:
  [[nodiscard]] View step(std::size_t k) const { return view(memory_[k % kPairsOfLBfgs]); }
  [[nodiscard]] View change(std::size_t k) const {
    return view(memory_[kPairsOfLBfgs + k % kPairsOfLBfgs]);
  }
  std::span<std::vector<double>> memory_;
  std::size_t count_;
};

// A point on a line with the value and slope there.
struct LinePoint {
  double at = 0;
  double value = 0;
  double slope = 0;
  VectorXd gradient;
};

// A step that meets the strong Wolfe conditions (Nocedal & Wright 2006, algorithms 3.5 and 3.6,
// with bisection), or the lowest point found.
class LineSearch {
 public:
  LineSearch(Objective& objective, const VectorXd& from, const VectorXd& direction, LinePoint start)
      : objective_(objective), from_(from), direction_(direction), start_(std::move(start)) {}

  LinePoint run() {
    LinePoint before = start_;
    double at = 1.0;
    while (left_ > 0) {
      LinePoint here = evaluate(at);
      if (too_high(here) || (before.at > 0 && here.value >= before.value)) {
        return zoom(before, here);
      }
      if (flat(here)) return here;
      if (here.slope >= 0) return zoom(here, before);
      before = std::move(here);
      at *= 2;
    }
    return before;
  }

 private:
  static constexpr double kDecrease = 1e-4;
  static constexpr double kCurvature = 0.9;
  int left_ = 25;  // evaluations

  LinePoint evaluate(double at) {
    qsim::poll_interrupt();
    --left_;
    LinePoint out{.at = at, .gradient = {}};
    out.value = gradient(objective_, from_ + at * direction_, out.gradient);
    out.slope = out.gradient.dot(direction_);
    return out;
  }
  [[nodiscard]] bool too_high(const LinePoint& p) const {
    return !(p.value <= start_.value + kDecrease * p.at * start_.slope);
  }
  [[nodiscard]] bool flat(const LinePoint& p) const {
    return std::abs(p.slope) <= -kCurvature * start_.slope;
  }
  LinePoint zoom(LinePoint low, LinePoint high) {
    while (left_ > 0) {
      LinePoint here = evaluate((low.at + high.at) / 2);
      if (too_high(here) || here.value >= low.value) {
        high = std::move(here);
        continue;
      }
      if (flat(here)) return here;
      if (here.slope * (high.at - low.at) >= 0) high = low;
      low = std::move(here);
    }
    return low;
  }

  Objective& objective_;
  const VectorXd& from_;
  const VectorXd& direction_;
  LinePoint start_;
};

}  // namespace

double qng(const Step& s) {
  const VectorXd theta = copy(s.theta);
  VectorXd g;
  const double value = gradient(*s.objective, theta, g);
  const auto metric = s.objective->metric(s.theta, s.options.metric);
  MatrixXd m = Eigen::Map<const MatrixXd>(metric.data(), theta.size(), theta.size());
  m.diagonal().array() += s.options.regularization;
  view(s.theta) -= s.eta * qsim::solve_positive(m, g);
  return value;
}

double spsa(const Step& s) {
  double& slope = s.memory[0][0];
  if (s.count == 1.0) {
    slope = typical_slope(s);
    if (slope == 0.0) slope = 1.0;  // flat here: any unit will do
  }
  qsim::Random random = random_of(s);
  VectorXd g;
  const double value = spsa_gradient(s, random, g);
  const double a = s.eta / slope / std::pow(s.count + s.options.stability, s.options.alpha);
  view(s.theta) -= a * g;
  return value;
}

double qnspsa(const Step& s) {
  qsim::Random random = random_of(s);
  VectorXd g;
  const double value = spsa_gradient(s, random, g);
  const MatrixXd estimate = metric_estimate(s, random);
  Eigen::Map<MatrixXd> mean(s.memory[0].data(), estimate.rows(), estimate.cols());
  if (s.count == 1.0) mean.setIdentity();  // before any estimate
  mean = (s.count * mean + estimate) / (s.count + 1);
  // √(ḡ²) + λ, which is positive.
  const auto [eigenvalues, eigenvectors] = qsim::diagonalise(MatrixXd(mean));
  const VectorXd weight = 1.0 / (eigenvalues.array().abs() + s.options.regularization);
  const VectorXd along = eigenvectors.transpose() * g;
  view(s.theta) -= s.eta * (eigenvectors * weight.cwiseProduct(along));
  return value;
}

double rotosolve(const Step& s) {
  double first = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> moved(s.theta.begin(), s.theta.end());
  for (std::size_t p = 0; p < moved.size(); ++p) {
    qsim::poll_interrupt();
    const auto frequencies = s.objective->frequencies(moved, p);
    if (frequencies.empty()) continue;  // nothing changes with it
    const Series series(frequencies);
    Population batch;
    VectorXd row = copy(moved);
    for (const double shift : series.shifts()) {
      row(index(p)) = moved[p] + shift;
      batch.add(row);
    }
    const auto values = s.objective->values(batch.rows(), batch.count());
    if (std::isnan(first)) first = values.front();
    moved[p] += series.lowest(copy(values));
  }
  std::ranges::copy(moved, s.theta.begin());
  return std::isnan(first) ? s.objective->values(moved, 1).front() : first;
}

double l_bfgs(const Step& s) {
  PairMemory pairs(s);
  const VectorXd theta = copy(s.theta);
  LinePoint start{.gradient = {}};
  start.value = gradient(*s.objective, theta, start.gradient);
  VectorXd direction = -pairs.times(start.gradient);
  start.slope = direction.dot(start.gradient);
  if (!(start.slope < 0)) {  // at a minimum, or by rounding
    direction = -start.gradient;
    start.slope = -start.gradient.squaredNorm();
  }
  const LinePoint end =
      start.slope < 0 ? LineSearch(*s.objective, theta, direction, start).run() : start;
  view(s.theta) = theta + end.at * direction;
  pairs.keep(end.at * direction, end.gradient - start.gradient);
  return start.value;
}

}  // namespace qml
