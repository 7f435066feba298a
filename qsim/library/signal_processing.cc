#include "qsim/library/signal_processing.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "qsim/circuit/room.h"
#include "qsim/core/count_work.h"
#include "qsim/core/decompositions.h"
#include "qsim/core/error.h"
#include "qsim/library/parts.h"

namespace qsim {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using std::numbers::pi;

double chebyshev_sum(std::span<const double> coefficients, double x) {
  double next = 0;
  double after_next = 0;
  for (std::size_t k = coefficients.size(); k-- > 1;) {
    const double now = coefficients[k] + 2 * x * next - after_next;
    after_next = next;
    next = now;
  }
  return coefficients.front() + x * next - after_next;
}

// The degree, for what has one parity and no value beyond 1.
std::size_t checked_degree(std::span<const double> coefficients) {
  require(!coefficients.empty(), "a polynomial has at least 1 coefficient, got none");
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    count_work();
    require(std::isfinite(coefficients[k]), "the coefficients of a polynomial must be finite, got ",
            coefficients[k], " at index ", k);
  }
  std::size_t degree = coefficients.size() - 1;
  while (degree > 0 && coefficients[degree] == 0) --degree;
  require(degree <= kMaxSignalDegree, "a polynomial of degree ", degree, " is above the limit of ",
          kMaxSignalDegree);
  for (std::size_t k = 0; k < degree; ++k) {
    require(coefficients[k] == 0 || k % 2 == degree % 2,
            "a polynomial for signal processing is even or odd, but the coefficients at ", k,
            " and ", degree, " are not 0");
  }
  return degree;
}

void require_bounded(std::span<const double> coefficients) {
  constexpr double kRoundingOfSums = 1e-12;
  const std::size_t points = 8 * coefficients.size();
  double largest = 0;
  double where = 0;
  for (std::size_t k = 0; k <= points; ++k) {
    count_work(coefficients.size() / 16);
    const double x = std::cos(pi / 2 * static_cast<double>(k) / static_cast<double>(points));
    const double value = std::abs(chebyshev_sum(coefficients, x));
    if (value <= largest) continue;
    largest = value;
    where = x;
  }
  require(largest <= 1 + kRoundingOfSums, "the polynomial is ", largest, " in size at x = ", where,
          ", but must be at most 1 on [-1, 1]: divide its coefficients");
}

// ⟨0|U|0⟩ for symmetric angles and its derivatives by the first half of them, at one θ. The rows
// ⟨0|e^{iφ₀Z}W…e^{iφ_jZ} are all that is needed, as U from its other end is its transpose.
class SymmetricSequence {
 public:
  explicit SymmetricSequence(std::size_t degree) : degree_(degree), rows_(degree + 1) {}

  // half[r] is φ_r = φ_{d−r}. The imaginary part, and its derivatives as a row of `slopes`.
  double evaluate(const VectorXd& half, double theta, MatrixXd& slopes, Eigen::Index row) {
    constexpr Complex i(0, 1);
    const double c = std::cos(theta);
    const Complex s = i * std::sin(theta);
    for (std::size_t j = 0; j <= degree_; ++j) {
      const Complex turn = std::polar(1.0, half(folded(j)));
      if (j == 0) {
        rows_[0] = {turn, 0};
        continue;
      }
      const auto& [zero, one] = rows_[j - 1];
      rows_[j] = {(zero * c + one * s) * turn, (zero * s + one * c) * std::conj(turn)};
    }
    for (Eigen::Index r = 0; r < half.size(); ++r) {
      const auto& left = rows_[static_cast<std::size_t>(r)];
      const auto& right = rows_[degree_ - static_cast<std::size_t>(r)];
      const Complex back = std::polar(1.0, -half(r));
      const Complex slope =
          i * (left.zero * back * right.zero - left.one * std::conj(back) * right.one);
      const bool alone = 2 * static_cast<std::size_t>(r) == degree_;
      slopes(row, r) = (alone ? 1 : 2) * slope.imag();
    }
    count_work(degree_ / 4 + 1);
    return rows_[degree_].zero.imag();
  }

 private:
  struct Row {
    Complex zero{};
    Complex one{};
  };
  [[nodiscard]] Eigen::Index folded(std::size_t j) const {
    return static_cast<Eigen::Index>(std::min(j, degree_ - j));
  }
  std::size_t degree_;
  std::vector<Row> rows_;
};

// Newton's method for Im⟨0|U|0⟩ = P at as many points as there are different angles. Where |P| is 1
// somewhere the equations are singular at the solution, and the error falls by four a step only.
VectorXd symmetric_angles(std::span<const double> coefficients, std::size_t degree) {
  constexpr int kMaxSteps = 100;
  constexpr double kGoodEnough = 1e-11;
  const auto size = static_cast<Eigen::Index>(degree / 2 + 1);
  VectorXd theta(size);
  VectorXd goal(size);
  VectorXd half(size);
  for (Eigen::Index k = 0; k < size; ++k) {
    theta(k) = (2.0 * static_cast<double>(k) + 1) * pi / (4.0 * static_cast<double>(size));
    goal(k) = chebyshev_sum(coefficients, std::cos(theta(k)));
    half(k) = coefficients[degree - 2 * static_cast<std::size_t>(k)] / 2;
  }
  SymmetricSequence sequence(degree);
  MatrixXd slopes(size, size);
  VectorXd off(size);
  VectorXd best = half;
  double least = 0;
  for (int step = 0; step < kMaxSteps; ++step) {
    for (Eigen::Index k = 0; k < size; ++k) {
      off(k) = sequence.evaluate(half, theta(k), slopes, k) - goal(k);
    }
    const double error = off.cwiseAbs().maxCoeff();
    const bool better = step == 0 || error < least;
    if (better) {
      least = error;
      best = half;
    }
    if ((!better && least <= kGoodEnough) || !std::isfinite(error) || error == 0) break;
    half -= least_squares(slopes, off);
  }
  require(least <= kGoodEnough, "no angles found for the polynomial of degree ", degree,
          ": the nearest are ", least, " off; divide its coefficients");
  return best;
}

}  // namespace

std::vector<double> qsp_angles(std::span<const double> coefficients) {
  const std::size_t degree = checked_degree(coefficients);
  coefficients = coefficients.first(degree + 1);
  require_bounded(coefficients);
  const VectorXd half = symmetric_angles(coefficients, degree);
  std::vector<double> out(degree + 1);
  for (std::size_t j = 0; j <= degree; ++j) {
    out[j] = half(static_cast<Eigen::Index>(std::min(j, degree - j)));
  }
  // From the imaginary to the real part.
  out.front() -= pi / 4;
  out.back() -= pi / 4;
  return out;
}

Circuit qsp(std::span<const double> angles, const Expression& theta) {
  require(!angles.empty(), "qsp: there are no angles");
  require_operations(2.0 * static_cast<double>(angles.size()), "qsp");
  Circuit out(1);
  for (std::size_t j = angles.size(); j-- > 0;) {
    count_work();
    out.rz(-2 * angles[j], 0);
    if (j > 0) out.rx(-2 * theta, 0);
  }
  return out;
}

Circuit qsvt(std::span<const double> angles, const Circuit& encoding, WholeNumber n_ancillas) {
  require(!angles.empty(), "qsvt: there are no angles");
  const Circuit forwards = gates_of(encoding, "qsvt: the encoding");
  const int n = forwards.n_qubits();
  require(n_ancillas >= 1 && n_ancillas < n, "qsvt: ", static_cast<int>(n_ancillas),
          " ancillas of an encoding on ", n, " qubits are outside [1, ", n - 1, "]");
  const double gates =
      static_cast<double>(forwards.size() + 3) * static_cast<double>(angles.size());
  require_operations(gates, "qsvt");
  const Circuit backwards = forwards.inverse();
  Circuit out(n + 1);
  const std::vector<Qubit> system = qubit_range(0, n);
  std::vector<Control> ancillas;
  for (Qubit q = n - n_ancillas; q < n; ++q) ancillas.push_back({q, false});
  // e^{iφ(2Π−1)} for the projector Π on ancillas in |0⟩, and the inverse where the last qubit is 1:
  // of the sum over both, which has it in |+⟩, the real part is left.
  const auto phase = [&](double angle) {
    out.gate("x", {}, {n}, ancillas);
    out.rz(2 * angle, n);
    out.gate("x", {}, {n}, ancillas);
  };
  // In the plane of two singular vectors the encoding is R = −i·e^{iπ/4·Z}·W·e^{iπ/4·Z}.
  const std::size_t degree = angles.size() - 1;
  out.h(n);
  for (std::size_t j = degree + 1; j-- > 0;) {
    count_work();
    const int sides = (j > 0 ? 1 : 0) + (j < degree ? 1 : 0);
    phase(angles[j] - sides * pi / 4);
    if (j == 0) break;
    const bool is_forwards = (degree - j) % 2 == 0;
    out.compose(is_forwards ? forwards : backwards, system, {}, is_forwards ? "U" : "U†");
  }
  out.rz(-pi * static_cast<double>(degree % 4), n);  // i^d, and its inverse
  out.h(n);
  return out;
}

}  // namespace qsim
