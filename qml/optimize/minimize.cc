#include "qml/optimize/minimize.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "qml/optimize/stationary.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/random.h"

namespace qml {
namespace {

using qsim::concat;
using qsim::require;

// An optimizer that has not moved for so long has forgotten what brought it here (l-bfgs: the last
// 10 steps), and will not move any more.
constexpr int kUnmovedForGood = 12;

constexpr std::uint64_t kRestartStream = 1;  // of the places where further descents begin

void check(const Objective& objective, std::span<const double> start,
           const MinimizeOptions& options) {
  require(options.steps >= 1, "the number of steps is ", options.steps, "; it must be at least 1");
  require(options.n_restarts >= 0, "the number of restarts is ", options.n_restarts,
          "; it must not be negative");
  require(options.patience >= 1, "the patience is ", options.patience, "; it must be at least 1");
  require(options.tolerance >= 0 && options.tolerance < 1, "the tolerance is ", options.tolerance,
          "; it is a share of what the values can differ by, at least 0 and below 1");
  for (std::size_t k = 0; k < start.size(); ++k) {
    require(std::isfinite(start[k]), "starting parameter ", k, " is ", start[k],
            "; it must be finite");
  }
  require(objective.is_exact() || options.optimizer.name != "l-bfgs",
          "l-bfgs needs exact values, not estimates from shots");
}

// A minimisation under way.
class Descent {
 public:
  Descent(Objective& objective, std::span<const double> start, const MinimizeOptions& options)
      : objective_(objective),
        options_(options),
        optimizer_(options.optimizer),
        rounding_(objective.is_exact() ? rounding_of(objective) : 0.0),
        alike_(std::max(options.tolerance * objective.precision().spread, rounding_)),
        at_(start.begin(), start.end()),
        out_{.parameters = at_,
             .value = objective.values(at_, 1).front(),
             .history = {},
             .message = {}} {
    out_.history.push_back(out_.value);
  }

  MinimizeResult run(const StepCallback& callback) {
    for (int step = 1; step <= options_.steps && out_.message.empty(); ++step) {
      take_step();
      if (callback && !callback(step, out_.history.back(), at_)) {
        out_.message = "the callback ended it";
      } else if (stands_still()) {
        judge();
      }
      qsim::poll_interrupt();
    }
    if (out_.message.empty()) out_.message = concat("all ", options_.steps, " steps were taken");
    if (!objective_.is_exact()) {
      out_.parameters = at_;
      out_.value = objective_.values(at_, 1).front();
    }
    return std::move(out_);
  }

 private:
  void take_step() {
    const std::vector<double> before = at_;
    if (way_down_.empty()) {
      optimizer_.step(at_, objective_);
    } else {
      at_ = std::exchange(way_down_, {});
      optimizer_ = Optimizer(options_.optimizer);
      first_ = out_.history.size();
    }
    unmoved_ = at_ == before ? unmoved_ + 1 : 0;
    const double value = objective_.values(at_, 1).front();
    out_.history.push_back(value);
    if (value < out_.value) {
      out_.value = value;
      out_.parameters = at_;
    }
  }

  [[nodiscard]] bool stands_still() const {
    const auto window = static_cast<std::size_t>(options_.patience) + 1;
    if (out_.history.size() < first_ + window) return false;
    const auto [low, high] = std::ranges::minmax(std::span(out_.history).last(window));
    return high - low <= alike_;
  }

  // What it means that the values stand still: the end, a way down, or just slow progress.
  void judge() {
    const std::string still =
        concat("the values of ", options_.patience, " steps lie within ", alike_);
    if (!objective_.is_exact()) {
      out_.message = concat(still, "; whether this is a minimum, shots cannot tell");
      return;
    }
    Surroundings here;
    try {
      here =
          look_around(objective_, at_, out_.history.back(), options_.tolerance, options_.test_seed);
    } catch (const qsim::ValueError& error) {  // the rule needs no gradient, and there is none
      out_.message = concat(still, "; there is no gradient to test: ", error.what());
      return;
    }
    way_down_ = here.lower;
    const double spread = objective_.precision().spread;
    if (here.is_flat() && spread > 0 && here.margin >= spread) {
      out_.message = concat(still, "; whether this is a minimum, rounding hides: they differ by ",
                            spread, " at most from their middle");
    } else if (here.is_minimum()) {
      const bool lowest = out_.history.back() <= out_.value + here.margin;
      out_.converged = lowest;
      out_.message =
          lowest ? concat(still, ", the largest derivative is ", here.slope,
                          ", and nothing is lower along the direction of lowest curvature found (",
                          here.curvature, ") and ", kRandomDirections, " others")
                 : concat(still, " at a minimum, but a lower value was seen on the way");
    } else if (!here.is_flat() && unmoved_ >= std::max(options_.patience, kUnmovedForGood)) {
      out_.message =
          concat(still, " and the optimizer moves no more, but the largest derivative is ",
                 here.slope, ", above ", here.slope_limit);
    }
  }

  Objective& objective_;
  const MinimizeOptions& options_;
  Optimizer optimizer_;
  double rounding_;  // what values differ by for no other reason
  double alike_;     // values that differ by no more stand still
  std::vector<double> at_;
  MinimizeResult out_;
  std::vector<double> way_down_;  // where the next step leads, if it is known
  std::size_t first_ = 0;         // of the history since the last such step
  int unmoved_ = 0;               // steps in a row that changed nothing
};

}  // namespace

MinimizeResult minimize(Objective& objective, std::span<const double> start,
                        const MinimizeOptions& options, const StepCallback& callback) {
  check(objective, start, options);
  bool ended = false;
  const StepCallback heard = [&](int step, double value, std::span<const double> at) {
    ended = !callback(step, value, at);
    return !ended;
  };
  const StepCallback& call = callback ? heard : callback;
  MinimizeResult best = Descent(objective, start, options).run(call);
  qsim::Random random(options.optimizer.seed, kRestartStream);
  std::vector<double> place(start.size());
  int n_starts = 1;
  for (; n_starts <= options.n_restarts && !ended; ++n_starts) {
    for (double& value : place) value = std::numbers::pi * (2 * random.uniform() - 1);
    MinimizeResult found = Descent(objective, place, options).run(call);
    if (found.value < best.value) best = std::move(found);
  }
  if (options.n_restarts > 0) {
    best.message += concat("; the lowest of ", n_starts, " start(s)");
  }
  return best;
}

}  // namespace qml
