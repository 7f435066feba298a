#include "qml/models/layers/frozen.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace qml {

Frozen::Frozen(LayerPtr layer, std::vector<double> values)
    : layer_(std::move(layer)), values_(std::move(values)) {
  qsim::require(values_.size() == layer_->n_parameters(), "the layer has ", layer_->n_parameters(),
                " parameters, got ", values_.size(), " values to hold them at");
  for (std::size_t k = 0; k < values_.size(); ++k) {
    if (std::isfinite(values_[k])) continue;
    qsim::fail("the value of parameter '", layer_->parameter_names()[k], "' is ", values_[k],
               "; it must be finite");
  }
}

nlohmann::json Frozen::to_json() const {
  return {{"kind", "frozen"}, {"layer", layer_->to_json()}, {"values", values_}};
}

}  // namespace qml
