#include "qml/models/loss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include "qsim/core/error.h"

namespace qml {

using qsim::concat;
using qsim::fail;
using qsim::require;

namespace {

using Outputs = std::span<const double>;
using Gradient = std::span<double>;

// With a = |o| and e = e^{−a}: −log σ(a) = log(1 + e), σ(−a) = e / (1 + e), and nothing overflows.
// The two signs of o are kept apart so that no large numbers cancel.
double logistic(double output, double target, double& gradient) {
  const double e = std::exp(-std::abs(output));
  const double tail = e / (1.0 + e);
  const bool positive = output > 0.0;
  gradient = positive ? (1.0 - target) - tail : tail - target;
  return (positive ? (1.0 - target) * output : -target * output) + std::log1p(e);
}

double softmax_cross_entropy(Outputs outputs, Outputs targets, Gradient gradient) {
  const double top = *std::ranges::max_element(outputs);
  double sum = 0.0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    gradient[k] = std::exp(outputs[k] - top);
    sum += gradient[k];
  }
  const double total_target = std::accumulate(targets.begin(), targets.end(), 0.0);
  const double log_sum = std::log(sum);
  double value = 0.0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    gradient[k] = gradient[k] / sum * total_target - targets[k];
    // A class of probability 0 costs nothing, even where top − output overflows.
    if (targets[k] > 0.0) value += targets[k] * ((top - outputs[k]) + log_sum);
  }
  return value;
}

double cross_entropy(Outputs outputs, Outputs targets, Gradient gradient) {
  if (outputs.size() == 1) return logistic(outputs[0], targets[0], gradient[0]);
  return softmax_cross_entropy(outputs, targets, gradient);
}

double squared(Outputs outputs, Outputs targets, Gradient gradient) {
  const auto size = static_cast<double>(outputs.size());
  double sum = 0.0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const double difference = outputs[k] - targets[k];
    gradient[k] = 2.0 / size * difference;
    sum += difference * difference;
  }
  return sum / size;
}

double hinge(Outputs outputs, Outputs targets, Gradient gradient) {
  const auto size = static_cast<double>(outputs.size());
  double sum = 0.0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const double violation = 1.0 - targets[k] * outputs[k];
    const bool met = violation <= 0.0;  // false for NaN, which then shows in the sum
    gradient[k] = met ? 0.0 : -targets[k] / size;
    if (!met) sum += violation / size;
  }
  return sum;
}

double huber(Outputs outputs, Outputs targets, Gradient gradient) {
  const auto size = static_cast<double>(outputs.size());
  double sum = 0.0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const double difference = outputs[k] - targets[k];
    const double distance = std::abs(difference);
    const bool near = distance <= 1.0;
    gradient[k] = (near ? difference : std::copysign(1.0, difference)) / size;
    sum += near ? distance * distance / 2 : distance - 1.0 / 2;
  }
  return sum / size;
}

double multi_label(Outputs outputs, Outputs targets, Gradient gradient) {
  const auto size = static_cast<double>(outputs.size());
  double sum = 0.0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    sum += logistic(outputs[k], targets[k], gradient[k]);
    gradient[k] /= size;
  }
  return sum / size;
}

void check_each_in_range(Outputs targets, std::string_view where) {
  for (const double t : targets) {
    require(t >= 0.0 && t <= 1.0, "a target of multi_label is ", t, where, ", outside [0, 1]");
  }
}

void check_probabilities(Outputs targets, std::string_view where) {
  for (const double t : targets) {
    require(t >= 0.0 && t <= 1.0, "a target of cross_entropy is ", t, where, ", outside [0, 1]");
  }
  if (targets.size() == 1) return;
  constexpr double kTolerance = 1e-6;
  const double sum = std::accumulate(targets.begin(), targets.end(), 0.0);
  require(std::abs(sum - 1.0) <= kTolerance, "the targets of cross_entropy sum to ", sum, where,
          ", not to 1");
}

void check_finite(Outputs targets, std::string_view where) {
  for (const double t : targets) {
    require(std::isfinite(t), "a target is ", t, where, "; it must be finite");
  }
}

void check_signs(Outputs targets, std::string_view where) {
  for (const double t : targets) {
    require(t == 1.0 || t == -1.0, "a target of hinge is ", t, where, ", neither -1 nor 1");
  }
}

struct LossRow {
  Loss kind;
  std::string_view name;
  bool of_logits;
  void (*check)(Outputs targets, std::string_view where);
  double (*value)(Outputs outputs, Outputs targets, Gradient gradient);
};
constexpr std::array kLosses{
    LossRow{Loss::cross_entropy, "cross_entropy", true, check_probabilities, cross_entropy},
    LossRow{Loss::squared, "squared", false, check_finite, squared},
    LossRow{Loss::hinge, "hinge", false, check_signs, hinge},
    LossRow{Loss::huber, "huber", false, check_finite, huber},
    LossRow{Loss::multi_label, "multi_label", true, check_each_in_range, multi_label},
};

const LossRow& row_of(Loss kind) { return kLosses.at(static_cast<std::size_t>(kind)); }

}  // namespace

double loss(Loss kind, std::span<const double> outputs, std::span<const double> targets,
            std::span<double> gradient) {
  const LossRow& row = row_of(kind);
  require(!outputs.empty(), "a loss needs at least one output");
  require(targets.size() == outputs.size(), "there are ", targets.size(), " target(s) for ",
          outputs.size(), " output(s)");
  require(gradient.size() == outputs.size(), "the gradient has room for ", gradient.size(), " of ",
          outputs.size(), " output(s)");
  row.check(targets, {});
  return row.value(outputs, targets, gradient);
}

void check_targets(Loss kind, std::span<const double> targets, std::size_t n_outputs) {
  const std::size_t rows = targets.size() / n_outputs;
  for (std::size_t k = 0; k < rows; ++k) {
    const auto row = targets.subspan(k * n_outputs, n_outputs);
    try {
      row_of(kind).check(row, {});
    } catch (const qsim::ValueError&) {
      row_of(kind).check(row, rows > 1 ? qsim::concat(" in sample ", k) : "");
    }
  }
}

bool of_logits(Loss kind) { return row_of(kind).of_logits; }

Loss parse_loss(std::string_view name) {
  std::string known;
  for (const LossRow& row : kLosses) {
    if (row.name == name) return row.kind;
    known += concat(known.empty() ? "" : ", ", row.name);
  }
  fail("there is no loss named '", name, "'; the names are ", known);
}

std::string_view loss_name(Loss kind) { return row_of(kind).name; }

std::vector<std::string_view> loss_names() {
  std::vector<std::string_view> names;
  for (const LossRow& row : kLosses) names.push_back(row.name);
  return names;
}

}  // namespace qml
