#include "qml/derivatives/hessian.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "qml/derivatives/differentiate.h"
#include "qsim/core/error.h"
#include "qsim/core/long_vector.h"
#include "qsim/core/memory.h"

namespace qml {
namespace {

using qsim::Program;
using qsim::require;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t kNumbersAtOnce = 1 << 22;  // of the gradients of a batch
constexpr std::size_t kMostRows = 512;

// Values and their gradients by the coordinates at some places.
template <class T>
class PlaceGradients {
 public:
  PlaceGradients(const Program& program, const Batch& places, const HessianOptions& options) {
    if (options.cotangent) {
      const auto& cotangent = *options.cotangent;
      std::vector<double> cotangents;
      for (std::size_t k = 0; k < places.size; ++k) {
        cotangents.insert(cotangents.end(), cotangent.begin(), cotangent.end());
      }
      const Gradients found = vjp<T>(program, places, cotangents, options.quantity);
      for (std::size_t k = 0; k < places.size; ++k) {
        values_.push_back(std::inner_product(
            cotangent.begin(), cotangent.end(),
            found.values.begin() + static_cast<std::ptrdiff_t>(k * cotangent.size()), 0.0));
      }
      gradients_ = found.weights;
    } else {
      Gradients found = jacobian<T>(program, places, {.quantity = options.quantity});
      values_ = std::move(found.values);
      gradients_ = std::move(found.weights);
    }
    n_values_ = values_.size() / places.size;
    n_coordinates_ = program.weights.size();
  }

  [[nodiscard]] double value(std::size_t place, std::size_t k) const {
    return values_[place * n_values_ + k];
  }
  [[nodiscard]] Eigen::RowVectorXd gradient(std::size_t place, std::size_t k) const {
    const std::size_t first = (place * n_values_ + k) * n_coordinates_;
    return Eigen::Map<const Eigen::RowVectorXd>(gradients_.data() + first,
                                                static_cast<Eigen::Index>(n_coordinates_));
  }

 private:
  std::size_t n_values_ = 0;
  std::size_t n_coordinates_ = 0;
  std::vector<double> values_;
  std::vector<double> gradients_;
};

// A value f = Q/N, where N = Σ_j a_j² is the square norm of the first amplitudes and Q is a
// trigonometric series in every angle and a quadratic form in the amplitudes. Of both, the
// derivative of the gradient by a coordinate is an exact sum over a few places: a shift rule, or
// the central difference.
class Homogeneous {
 public:
  Homogeneous(const Coordinates& coordinates, std::span<const double> at)
      : first_(static_cast<Eigen::Index>(coordinates.n_angles())),
        at_(Eigen::Map<const Eigen::RowVectorXd>(at.data(), static_cast<Eigen::Index>(at.size()))) {
    at_.head(first_).setZero();
    norm_ = at_.size() > first_ ? at_.squaredNorm() : 1.0;
  }

  [[nodiscard]] double norm() const { return norm_; }
  [[nodiscard]] double form(double value) const { return norm_ * value; }
  // ∂Q from f and ∂f.
  [[nodiscard]] Eigen::RowVectorXd form_gradient(double value,
                                                 const Eigen::RowVectorXd& gradient) const {
    return norm_ * gradient + 2.0 * value * at_;
  }
  // The derivative of ∂f along a motion, given that of ∂Q; in place.
  void to_value(double value, const Eigen::RowVectorXd& gradient, std::span<const double> speeds,
                Eigen::Ref<Eigen::RowVectorXd> derivative) const {
    if (at_.size() == first_) return;
    const Eigen::Map<const Eigen::RowVectorXd> t(speeds.data(), at_.size());
    const Eigen::RowVectorXd by_form = form_gradient(value, gradient);
    const double q = form(value);
    const double q_moved = by_form.dot(t);
    const double n = norm_;
    const double n_moved = 2.0 * at_.dot(t);
    Eigen::RowVectorXd amplitudes_moved = t;
    amplitudes_moved.head(first_).setZero();
    // f_a = Q_a/N − Q N_a/N², with N_a = 2 a.
    derivative = derivative / n - by_form * n_moved / (n * n) - 2.0 * at_ * q_moved / (n * n) -
                 2.0 * amplitudes_moved * q / (n * n) + 4.0 * at_ * q * n_moved / (n * n * n);
  }

 private:
  Eigen::Index first_;
  Eigen::RowVectorXd at_;  // the amplitudes; zero for angles
  double norm_ = 1.0;
};

struct Term {
  std::size_t coordinate;
  double coefficient;
};

// Calls visit(term, place) for all places whose ∂Q add up to its derivatives by the coordinates
// that move.
template <class Visit>
void for_terms(const Coordinates& coordinates, const Point& point,
               const std::vector<std::size_t>& coordinates_moving, const Visit& visit) {
  const std::size_t n_angles = coordinates.n_angles();
  std::vector<double> moved = point.at;
  // Half the norm: no step of that length leads to the zero vector.
  const double step = std::sqrt(Homogeneous(coordinates, point.at).norm()) / 2.0;
  for (const std::size_t k : coordinates_moving) {
    const std::vector<ShiftTerm> rule =
        k < n_angles ? slot_rule(coordinates.program(), coordinates.program().slots[k])
                     : std::vector<ShiftTerm>{{0.5 / step, step}, {-0.5 / step, -step}};
    for (const auto& [coefficient, shift] : rule) {
      moved[k] = point.at[k] + shift;
      visit(Term{k, coefficient}, moved);
    }
    moved[k] = point.at[k];
  }
}

std::size_t value_count(const Program& program, const HessianOptions& options) {
  return options.cotangent ? 1 : n_values(program, options.quantity);
}

// The derivatives of one sample's gradients along motions: values × motions × parameters of the
// range.
template <class T>
void along(const Program& program, const Coordinates& coordinates, const Point& point,
           const std::vector<Motion>& motions, const HessianOptions& options,
           std::span<double> out) {
  const std::size_t n_values = value_count(program, options);
  const auto n_motions = static_cast<Eigen::Index>(motions.size());
  const auto n_coordinates = static_cast<Eigen::Index>(coordinates.size());
  std::vector<Rows> derivatives(n_values, Rows::Zero(n_motions, n_coordinates));  // of ∂Q

  std::vector<Term> terms;
  const std::size_t rows =
      std::clamp(kNumbersAtOnce / (n_values * coordinates.size() + 1), std::size_t{1}, kMostRows);
  Places places(rows, [&](const Batch& batch) {
    const PlaceGradients<T> found(coordinates.program(), batch, options);
    for (std::size_t place = 0; place < batch.size; ++place) {
      const auto& [coordinate, coefficient] = terms[place];
      const Homogeneous there(
          coordinates, batch.weights.subspan(place * coordinates.size(), coordinates.size()));
      for (std::size_t k = 0; k < n_values; ++k) {
        const Eigen::RowVectorXd gradient =
            there.form_gradient(found.value(place, k), found.gradient(place, k));
        for (Eigen::Index m = 0; m < n_motions; ++m) {
          const double speed = motions[static_cast<std::size_t>(m)].speeds[coordinate];
          if (speed != 0.0) derivatives[k].row(m) += coefficient * speed * gradient;
        }
      }
    }
    terms.clear();
  });
  for_terms(coordinates, point, moving(motions), [&](const Term& term, std::span<const double> at) {
    terms.push_back(term);
    places.add(at);
  });
  places.finish();

  const PlaceGradients<T> here(coordinates.program(),
                               {.weights = point.at, .weights_per_sample = true}, options);
  const Homogeneous form(coordinates, point.at);
  const Range range = range_of(program, options.wrt);
  std::vector<double> adjoints(program.tape.size());
  std::vector<double> adjoint_tangents(program.tape.size());
  auto* next = out.data();
  for (std::size_t k = 0; k < n_values; ++k) {
    const Eigen::RowVectorXd gradient = here.gradient(0, k);
    for (Eigen::Index m = 0; m < n_motions; ++m) {
      const Motion& motion = motions[static_cast<std::size_t>(m)];
      auto derivative = derivatives[k].row(m);
      form.to_value(here.value(0, k), gradient, motion.speeds, derivative);
      std::ranges::fill(adjoints, 0.0);
      std::ranges::fill(adjoint_tangents, 0.0);
      for (std::size_t c = 0; c < coordinates.size(); ++c) {
        adjoints[coordinates.entry(c)] += gradient(static_cast<Eigen::Index>(c));
        adjoint_tangents[coordinates.entry(c)] += derivative(static_cast<Eigen::Index>(c));
      }
      program.tape.reverse_along(point.values, motion.tangents, adjoints, adjoint_tangents);
      next = std::copy_n(adjoint_tangents.begin() + static_cast<std::ptrdiff_t>(range.first),
                         range.count, next);
    }
  }
}

// The same for every sample, along the motions that motions_of(coordinates, point) returns.
template <class T, class MotionsOf>
std::vector<double> all_along(const Program& program, const Batch& batch,
                              const HessianOptions& options, std::size_t n_motions,
                              const MotionsOf& motions_of) {
  check(program, options.quantity, {});
  check(program, batch);
  check_no_initial_states(batch, "Hessians");
  require(options.quantity == Quantity::kExpval || options.quantity == Quantity::kProbs,
          "there are no second derivatives of ", name_of(options.quantity),
          "; there are of expval and probs");
  if (options.cotangent) {
    require(options.cotangent->size() == n_values(program, options.quantity), "the cotangent has ",
            options.cotangent->size(), " values; it needs ", n_values(program, options.quantity));
  }
  const auto n = static_cast<double>(value_count(program, options));
  const std::size_t n_parameters = range_of(program, options.wrt).count;
  const auto motions = static_cast<double>(n_motions);
  const auto coordinates = static_cast<double>(program.slots.size() + program.initial.size());
  const double per_motion =
      n * (static_cast<double>(batch.size) * static_cast<double>(n_parameters) + coordinates);
  qsim::require_memory(motions * per_motion * sizeof(double) + motion_bytes(program, n_motions) +
                           static_cast<double>(kNumbersAtOnce) * sizeof(double),
                       qsim::concat("second derivatives by ", n_parameters, " parameters"));
  const auto kept = coordinates_of(program);
  const std::size_t per_sample = value_count(program, options) * n_motions * n_parameters;
  auto out = qsim::long_vector<double>(batch.size * per_sample);
  naming_samples(program, batch, [&] {
    for (std::size_t sample = 0; sample < batch.size; ++sample) {
      const Point point(program, *kept, batch, sample);
      along<T>(program, *kept, point, motions_of(*kept, point), options,
               std::span(out).subspan(sample * per_sample, per_sample));
    }
  });
  return out;
}

}  // namespace

template <class T>
std::vector<double> hessian(const Program& program, const Batch& batch,
                            const HessianOptions& options) {
  const Range range = range_of(program, options.wrt);
  return all_along<T>(program, batch, options, range.count,
                      [&](const Coordinates& coordinates, const Point& point) {
                        return unit_motions(program, coordinates, point, range);
                      });
}

template <class T>
std::vector<double> hvp(const Program& program, const Batch& batch,
                        std::span<const double> direction, const HessianOptions& options) {
  const Range range = range_of(program, options.wrt);
  require(direction.size() == range.count, "the direction has ", direction.size(),
          " values; there are ", range.count, " parameters");
  for (std::size_t k = 0; k < direction.size(); ++k) {
    require(std::isfinite(direction[k]), "direction[", k, "] is ", direction[k],
            "; it must be finite");
  }
  std::vector<double> all(program.n_parameters(), 0.0);
  std::ranges::copy(direction, all.begin() + static_cast<std::ptrdiff_t>(range.first));
  return all_along<T>(program, batch, options, 1,
                      [&](const Coordinates& coordinates, const Point& point) {
                        return std::vector{Motion(program, coordinates, point, all)};
                      });
}

template std::vector<double> hessian<float>(const Program&, const Batch&, const HessianOptions&);
template std::vector<double> hessian<double>(const Program&, const Batch&, const HessianOptions&);
template std::vector<double> hvp<float>(const Program&, const Batch&, std::span<const double>,
                                        const HessianOptions&);
template std::vector<double> hvp<double>(const Program&, const Batch&, std::span<const double>,
                                         const HessianOptions&);

}  // namespace qml
