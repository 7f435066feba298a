#pragma once

#include <limits>
#include <span>
#include <vector>

#include "qml/models/loss.h"
#include "qml/models/model.h"
#include "qml/models/ranks.h"
#include "qml/optimize/objective.h"

namespace qml {

// Model::loss, each rank doing a share: of a gradient too, if one is given.
double shared_loss(const Model& model, Loss loss, const Dataset& data, Ranks& ranks,
                   std::span<double> gradient = {});

// The loss of one mini-batch, as a function of the model's parameters. The model is left as it is.
class BatchLoss : public Objective {
 public:
  // of_batch, where it is not empty, stands for the loss. A gradient longer than max_norm is made
  // that long. Ranks, where they are not null, share the samples, and have no of_batch.
  BatchLoss(Model& model, Loss loss, const BatchLossFunction& of_batch, const Dataset& data,
            double max_norm = std::numeric_limits<double>::infinity(), Ranks* ranks = nullptr)
      : model_(model),
        loss_(loss),
        of_batch_(of_batch),
        data_(data),
        max_norm_(max_norm),
        ranks_(ranks) {}

  std::vector<double> values(std::span<const double> rows, std::size_t count) override;
  double gradient(std::span<const double> parameters, std::span<double> gradient) override;
  // The mean over the samples; scales and biases, which no state depends on, have the identity.
  std::vector<double> metric(std::span<const double> parameters, MetricApprox approx) override;

  // The length of the last gradient, as it was; NaN where none was asked for.
  [[nodiscard]] double gradient_norm() const { return gradient_norm_; }

 private:
  template <class Body>
  double at(std::span<const double> parameters, const Body& body);
  [[nodiscard]] double loss(std::span<double> gradient = {}) const;
  [[nodiscard]] std::vector<double> mean_metric(std::span<const double> weights,
                                                MetricApprox approx) const;

  Model& model_;
  Loss loss_;
  const BatchLossFunction& of_batch_;
  const Dataset& data_;
  double max_norm_;
  Ranks* ranks_;
  double gradient_norm_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace qml
