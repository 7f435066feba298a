#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bindings/web/answers.h"
#include "qml/models/layers/circuit_layer.h"
#include "qml/models/loss.h"
#include "qml/models/model.h"

namespace web {

// A fitted VQClassifier or VQRegressor: from features to angles, through the model, to predictions,
// in the steps of ketgrad/estimators, so that the numbers are the same.
class Estimator {
 public:
  // The document that save() writes; ValueError for another, for other kinds of estimators, and for
  // more than kMostQubits. (`ketgrad export` refuses what else has no place in a page.)
  explicit Estimator(const Json& document);

  [[nodiscard]] std::size_t n_features() const { return model_.n_inputs(); }
  [[nodiscard]] Json described() const;

  // Of the model, for the features of one sample.
  [[nodiscard]] std::vector<double> outputs(const std::vector<double>& features) const;
  // What `predict` and `predict_proba` say to them.
  [[nodiscard]] Json prediction(const std::vector<double>& outputs) const;
  [[nodiscard]] bool has_probabilities() const { return kind_ != Kind::kRegressor; }
  [[nodiscard]] std::vector<double> probabilities(const std::vector<double>& outputs) const;

  // The model's first circuit, and what its parameters are for a sample; null where layers that are
  // not in a chain hide it.
  [[nodiscard]] const qml::CircuitLayer* circuit() const { return circuit_; }
  [[nodiscard]] qsim::Values circuit_values(const std::vector<double>& features) const;

 private:
  enum class Kind : unsigned char { kClassifier, kLabels, kRegressor };
  // Of several targets there are several.
  struct Targets {
    std::vector<double> mean{};
    std::vector<double> scale{};
    bool several = false;
  };

  void read_scaling(const Json& fitted);
  void read_classes(const Json& document);
  void read_targets(const Json& fitted);
  void find_circuit();
  [[nodiscard]] std::vector<double> angles(const std::vector<double>& features) const;

  Kind kind_;
  qml::Model model_;
  Json names_;                // of the features, or null
  std::vector<double> mean_;  // empty: features are angles as they are
  std::vector<double> scale_;
  Json classes_;
  qml::Loss loss_ = qml::Loss::squared;
  Targets targets_;
  const qml::CircuitLayer* circuit_ = nullptr;
  std::size_t circuit_place_ = 0;  // among the layers
};

}  // namespace web
