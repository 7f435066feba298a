#include "qml/optimize/minimize.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <ostream>
#include <utility>

#include "qml/optimize/stationary.h"
#include "qsim/core/error.h"
#include "qsim/core/interrupt.h"
#include "qsim/core/memory.h"
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
  require(!options.only || (options.only->begin >= 0 && options.only->begin < options.only->end &&
                            options.only->end <= options.n_restarts + 1),
          "the starts asked for are not among the ", options.n_restarts + 1, " there are");
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
  // From a place of a known value.
  Descent(Objective& objective, std::span<const double> start, double value,
          const MinimizeOptions& options, int number)
      : objective_(objective),
        options_(options),
        optimizer_(options.optimizer),
        rounding_(objective.is_exact() ? rounding_of(objective) : 0.0),
        alike_(std::max(options.tolerance * objective.precision().spread, rounding_)),
        number_(number),
        at_(start.begin(), start.end()),
        out_{.parameters = at_, .value = value, .history = {value}, .message = {}} {}

  [[nodiscard]] bool ended() const { return !out_.message.empty(); }
  [[nodiscard]] std::span<const double> place() const { return at_; }
  // Whether the next step leads where a test of the place found the way down.
  [[nodiscard]] bool knows_the_way() const { return !way_down_.empty(); }

  // The three parts of a step: away from the place, by the rule or along the way down; the value
  // where it led; what is to be told of it, and whether it was the last.
  void move(std::span<const double> gradient) {
    const std::vector<double> before = at_;
    if (knows_the_way()) {
      at_ = std::exchange(way_down_, {});
      optimizer_ = Optimizer(options_.optimizer);
      first_ = out_.history.size();
    } else if (gradient.empty()) {
      optimizer_.step(at_, objective_);
    } else {
      optimizer_.step(at_, gradient);
    }
    unmoved_ = at_ == before ? unmoved_ + 1 : 0;
  }
  void take_note(double value) {
    out_.history.push_back(value);
    if (value >= out_.value) return;
    out_.value = value;
    out_.parameters = at_;
  }
  [[nodiscard]] DescentStep step() const {
    return {.start = number_,
            .step = static_cast<int>(out_.history.size()) - 1,
            .value = out_.history.back(),
            .parameters = at_};
  }
  void test() {
    if (stands_still()) judge();
  }

  void end(std::string why) { out_.message = std::move(why); }
  MinimizeResult result() {
    if (!objective_.is_exact()) {
      out_.parameters = at_;
      out_.value = objective_.values(at_, 1).front();
    }
    return std::move(out_);
  }

 private:
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
  int number_;
  std::vector<double> at_;
  MinimizeResult out_;
  std::vector<double> way_down_;  // where the next step leads, if it is known
  std::size_t first_ = 0;         // of the history since the last such step
  int unmoved_ = 0;               // steps in a row that changed nothing
};

// Descents that take their steps side by side.
class Descents {
 public:
  // From rows of places, numbered from `first`.
  Descents(Objective& objective, std::span<const double> places, std::size_t count,
           const MinimizeOptions& options, int first)
      : objective_(objective),
        options_(options),
        by_gradient_(optimizer_needs(options.optimizer.name) == Demand::kGradient) {
    const std::vector<double> values = objective.values(places, count);
    const std::size_t n = places.size() / count;
    for (std::size_t k = 0; k < count; ++k) {
      all_.emplace_back(objective, places.subspan(k * n, n), values[k], options,
                        first + static_cast<int>(k));
    }
  }

  // False where the callback ended it.
  bool run(const StepCallback& callback) {
    bool goes_on = true;
    for (int step = 1; step <= options_.steps && goes_on; ++step) {
      const std::vector<Descent*> moving = those([](const Descent& d) { return !d.ended(); });
      if (moving.empty()) return true;
      move(moving);
      for (Descent* descent : moving) {
        goes_on = goes_on && (!callback || callback(descent->step()));
        if (goes_on) descent->test();
      }
      qsim::poll_interrupt();
    }
    for (Descent* descent : those([](const Descent& d) { return !d.ended(); })) {
      descent->end(goes_on ? concat("all ", options_.steps, " steps were taken")
                           : "the callback ended it");
    }
    return goes_on;
  }

  // The one that ended lowest.
  MinimizeResult lowest() {
    MinimizeResult best = all_.front().result();
    for (std::size_t k = 1; k < all_.size(); ++k) {
      MinimizeResult found = all_[k].result();
      if (found.value < best.value) best = std::move(found);
    }
    return best;
  }

 private:
  template <class Test>
  std::vector<Descent*> those(const Test& test) {
    std::vector<Descent*> out;
    for (Descent& descent : all_) {
      if (test(descent)) out.push_back(&descent);
    }
    return out;
  }

  static std::vector<double> places_of(const std::vector<Descent*>& descents) {
    std::vector<double> out;
    for (const Descent* d : descents) out.insert(out.end(), d->place().begin(), d->place().end());
    return out;
  }

  void move(const std::vector<Descent*>& moving) {
    std::vector<Descent*> by_rule;
    for (Descent* d : moving) {
      if (by_gradient_ && !d->knows_the_way()) {
        by_rule.push_back(d);
      } else {
        d->move({});
      }
    }
    if (!by_rule.empty()) {
      const std::vector<double> places = places_of(by_rule);
      std::vector<double> gradients(places.size());
      objective_.gradients(places, by_rule.size(), gradients);
      const std::size_t n = places.size() / by_rule.size();
      for (std::size_t k = 0; k < by_rule.size(); ++k) {
        by_rule[k]->move(std::span<const double>(gradients).subspan(k * n, n));
      }
    }
    const std::vector<double> values = objective_.values(places_of(moving), moving.size());
    for (std::size_t k = 0; k < moving.size(); ++k) moving[k]->take_note(values[k]);
  }

  Objective& objective_;
  const MinimizeOptions& options_;
  bool by_gradient_;
  std::vector<Descent> all_;
};

}  // namespace

MinimizeResult minimize(Objective& objective, std::span<const double> start,
                        const MinimizeOptions& options, const StepCallback& callback) {
  check(objective, start, options);
  const auto n_starts = static_cast<std::size_t>(options.n_restarts) + 1;
  const bool side_by_side =
      objective.is_exact() && optimizer_needs(options.optimizer.name) == Demand::kGradient;
  // Each remembers where it is, was best and began; the optimizer's memory comes on top.
  const std::size_t of_place = start.size() * sizeof(double);
  const std::size_t of_each = side_by_side ? sizeof(Descent) + 4 * of_place : of_place;
  qsim::require_memory(static_cast<double>(n_starts) * static_cast<double>(of_each),
                       concat(n_starts, " starts of ", start.size(), " parameter(s)"));
  std::vector<double> places(start.begin(), start.end());
  qsim::Random random(options.optimizer.seed, kRestartStream);
  while (places.size() < n_starts * start.size()) {
    places.push_back(std::numbers::pi * (2 * random.uniform() - 1));
  }
  const auto begin = static_cast<std::size_t>(options.only ? options.only->begin : 0);
  const std::size_t end = options.only ? static_cast<std::size_t>(options.only->end) : n_starts;
  const std::size_t size = side_by_side ? end - begin : 1;
  std::optional<MinimizeResult> best;
  std::size_t begun = begin;
  for (bool goes_on = true; goes_on && begun < end; begun += size) {
    Descents descents(objective,
                      std::span(places).subspan(begun * start.size(), size * start.size()), size,
                      options, static_cast<int>(begun));
    goes_on = descents.run(callback);
    MinimizeResult found = descents.lowest();
    if (!best || found.value < best->value) best = std::move(found);
  }
  if (options.n_restarts > 0 && !options.only)
    best->message += concat("; the lowest of ", begun, " start(s)");
  return *std::move(best);
}

std::ostream& operator<<(std::ostream& out, const MinimizeResult& result) {
  constexpr std::size_t kMostShown = 12;
  const std::vector<double>& parameters = result.parameters;
  const std::size_t steps = result.history.empty() ? 0 : result.history.size() - 1;
  out << "value " << result.value << " after " << steps << " steps, "
      << (result.converged ? "converged" : "not converged");
  if (!result.message.empty()) out << ": " << result.message;
  for (std::size_t k = 0; k < std::min(parameters.size(), kMostShown); ++k) {
    out << '\n' << (result.names.empty() ? qsim::concat("weight ", k) : result.names[k]);
    out << " = " << parameters[k];
  }
  if (parameters.size() > kMostShown) {
    out << "\n… and " << parameters.size() - kMostShown << " other weights";
  }
  return out;
}

}  // namespace qml
