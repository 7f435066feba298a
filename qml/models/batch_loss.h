#pragma once

#include <span>
#include <vector>

#include "qml/models/loss.h"
#include "qml/models/model.h"
#include "qml/optimize/objective.h"

namespace qml {

// The loss of one mini-batch, as a function of the model's parameters. The model is left as it is.
class BatchLoss : public Objective {
 public:
  BatchLoss(Model& model, Loss loss, const Dataset& data)
      : model_(model), loss_(loss), data_(data) {}

  std::vector<double> values(std::span<const double> rows, std::size_t count) override;
  double gradient(std::span<const double> parameters, std::span<double> gradient) override;
  // The mean over the samples; scales and biases, which no state depends on, have the identity.
  std::vector<double> metric(std::span<const double> parameters, MetricApprox approx) override;

 private:
  template <class Body>
  double at(std::span<const double> parameters, const Body& body);

  Model& model_;
  Loss loss_;
  const Dataset& data_;
};

}  // namespace qml
