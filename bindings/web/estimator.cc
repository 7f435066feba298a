#include "bindings/web/estimator.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "qml/models/classifier.h"
#include "qml/models/layers/chain.h"
#include "qsim/core/error.h"

namespace web {
namespace {

using qsim::require;

constexpr double kLargestAngle = 2.5;  // ketgrad/estimators/base.py

// A number, or one for every target.
std::vector<double> one_or_several(const Json& value) {
  if (value.is_array()) return value.get<std::vector<double>>();
  return {value.get<double>()};
}

std::vector<double> list_or_none(const Json& value) {
  return value.is_null() ? std::vector<double>() : value.get<std::vector<double>>();
}

const Json& checked(const Json& document) {
  require(document.value("format", "") == "ketgrad.estimator", "this is not a saved estimator");
  require(document.at("version") == 1, "the model has version ", document.at("version").dump(),
          "; this page reads version 1");
  return document;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// (values − mean) / (scale · unit), as ketgrad/estimators/scaling.py computes it: where the scale
// is large, everything is divided by a power of two first.
double standardised(double value, double mean, double scale, double unit) {
  constexpr int kPower = -64;
  const double factor = scale > 1 ? std::ldexp(1.0, kPower) : 1.0;
  return (value * factor - mean * factor) / (scale * factor * unit);
}

}  // namespace

Estimator::Estimator(const Json& document)
    : kind_(Kind::kRegressor), model_(qml::Model::from_json(checked(document).at("model"))) {
  const auto& kind = document.at("class").get_ref<const std::string&>();
  const Json& fitted = document.at("fitted");
  read_scaling(fitted);
  if (kind == "VQClassifier") {
    read_classes(document);
  } else {
    require(kind == "VQRegressor", "a ", kind, " does not run in a page");
    read_targets(fitted);
  }
  find_circuit();
}

void Estimator::read_scaling(const Json& fitted) {
  names_ = fitted.at("feature_names_in");
  mean_ = list_or_none(fitted.at("input_mean"));
  scale_ = list_or_none(fitted.at("input_scale"));
  require(mean_.size() == scale_.size() && (mean_.empty() || mean_.size() == n_features()),
          "the scaling is not that of ", n_features(), " features");
}

void Estimator::read_classes(const Json& document) {
  const Json& fitted = document.at("fitted");
  kind_ = fitted.value("multilabel", false) ? Kind::kLabels : Kind::kClassifier;
  classes_ = fitted.at("classes").at("values");
  loss_ = qml::parse_loss(document.at("params").at("loss").get_ref<const std::string&>());
  const bool shared = classes_.size() == 2 && kind_ == Kind::kClassifier;
  require(model_.n_outputs() == (shared ? 1 : classes_.size()), "a model of ", model_.n_outputs(),
          " outputs does not fit ", classes_.size(), " classes");
}

void Estimator::read_targets(const Json& fitted) {
  targets_ = {.mean = one_or_several(fitted.at("target_mean")),
              .scale = one_or_several(fitted.at("target_scale")),
              .several = fitted.at("target_mean").is_array()};
  require(targets_.mean.size() == model_.n_outputs() && targets_.scale.size() == model_.n_outputs(),
          "a model of ", model_.n_outputs(), " outputs does not fit ", targets_.mean.size(),
          " targets");
}

void Estimator::find_circuit() {
  const auto* chain = dynamic_cast<const qml::Chain*>(&model_.layer());
  const std::vector<qml::LayerPtr> alone{model_.shared_layer()};
  const auto& layers = chain == nullptr ? alone : chain->layers();
  for (std::size_t k = 0; k < layers.size() && circuit_ == nullptr; ++k) {
    circuit_ = dynamic_cast<const qml::CircuitLayer*>(layers[k].get());
    circuit_place_ = k;
  }
  if (circuit_ != nullptr) check_size(circuit_->circuit(), "the model");
}

Json Estimator::described() const {
  const Json none;
  return {{"kind", kind_ == Kind::kRegressor ? "regressor"
                   : kind_ == Kind::kLabels  ? "labels"
                                             : "classifier"},
          {"n_features", n_features()},
          {"n_parameters", model_.n_parameters()},
          {"features", names_},
          {"classes", classes_},
          {"mean", mean_.empty() ? none : Json(mean_)},
          {"scale", scale_.empty() ? none : Json(scale_)}};
}

std::vector<double> Estimator::angles(const std::vector<double>& features) const {
  if (mean_.empty()) return features;
  std::vector<double> out(features.size());
  const double unit = std::sqrt(static_cast<double>(features.size()));
  for (std::size_t k = 0; k < out.size(); ++k) {
    out[k] = std::clamp(standardised(features[k], mean_[k], scale_[k], unit), -kLargestAngle,
                        kLargestAngle);
  }
  return out;
}

std::vector<double> Estimator::outputs(const std::vector<double>& features) const {
  const std::vector<double> inputs = angles(features);
  model_.layer().check({1, inputs, model_.parameters()});
  return model_.outputs(inputs, 1);
}

Json Estimator::prediction(const std::vector<double>& outputs) const {
  if (kind_ == Kind::kLabels) {
    Json labels = Json::array();
    for (const double output : outputs) labels.push_back(output > 0 ? 1 : 0);
    return labels;
  }
  if (kind_ == Kind::kClassifier) {
    const auto highest = std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
    return classes_.at(outputs.size() == 1 ? static_cast<std::size_t>(outputs.front() > 0)
                                           : static_cast<std::size_t>(highest));
  }
  std::vector<double> values = outputs;
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k] = targets_.mean[k] + targets_.scale[k] * values[k];
  }
  return targets_.several ? Json(values) : Json(values.front());
}

std::vector<double> Estimator::probabilities(const std::vector<double>& outputs) const {
  if (kind_ == Kind::kClassifier) {
    return qml::class_probabilities(outputs, classes_.size(), loss_);
  }
  std::vector<double> each;
  for (const double output : outputs) each.push_back(logistic(output));
  return each;
}

qsim::Values Estimator::circuit_values(const std::vector<double>& features) const {
  std::vector<double> inputs = angles(features);
  std::span<const double> parameters = model_.parameters();
  if (const auto* chain = dynamic_cast<const qml::Chain*>(&model_.layer())) {
    for (std::size_t k = 0; k < circuit_place_; ++k) {
      const qml::Layer& layer = *chain->layers()[k];
      std::vector<double> next(layer.n_outputs());
      layer.forward({1, inputs, parameters.first(layer.n_parameters())}, next);
      inputs = std::move(next);
      parameters = parameters.subspan(layer.n_parameters());
    }
  }
  std::map<std::string, double> values;
  const qsim::Program& program = circuit_->program();
  for (std::size_t k = 0; k < inputs.size(); ++k) values[program.inputs[k]] = inputs[k];
  for (std::size_t k = 0; k < program.weights.size(); ++k) {
    values[program.weights[k]] = parameters[k];
  }
  return values;
}

}  // namespace web
