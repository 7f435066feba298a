#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "qml/optimize/optimizer.h"

namespace ketgrad {

// The options of an optimizer that Python gave; those of another optimizer are errors, for they
// would be ignored.
struct GivenOptions {
  std::optional<double> learning_rate{};
  std::optional<double> momentum{};
  std::optional<double> weight_decay{};
  std::optional<std::pair<double, double>> betas{};
  std::optional<double> epsilon{};
  std::optional<double> decay{};
  bool amsgrad = false;
  std::optional<double> perturbation{};
  std::optional<int> resamplings{};
  std::optional<double> regularization{};
  std::optional<std::string> metric{};

  bool operator==(const GivenOptions&) const = default;

  // Over the defaults; ValueError for what the optimizer of that name does not take.
  [[nodiscard]] qml::OptimizerOptions over(qml::OptimizerOptions options) const {
    const auto take = [&options](std::string_view name, const auto& given, auto& to) {
      if (!given) return;
      qml::require_option(options.name, name);
      to = *given;
    };
    take("learning_rate", learning_rate, options.learning_rate);
    take("momentum", momentum, options.momentum);
    if (weight_decay) {
      qml::require_option(options.name, "weight_decay");
      options.weight_decay = weight_decay;
    }
    take("perturbation", perturbation, options.perturbation);
    take("resamplings", resamplings, options.resamplings);
    take("regularization", regularization, options.regularization);
    take("epsilon", epsilon, options.epsilon);
    take("decay", decay, options.decay);
    if (betas) {
      qml::require_option(options.name, "betas");
      std::tie(options.beta1, options.beta2) = *betas;
    }
    if (amsgrad) {
      qml::require_option(options.name, "amsgrad");
      options.amsgrad = true;
    }
    if (metric) {
      qml::require_option(options.name, "metric");
      options.metric = qml::metric_approx(*metric);
    }
    return options;
  }
};

}  // namespace ketgrad
