#pragma once

#include <vector>

#include "qml/models/layer.h"

namespace qml {

// A layer with its parameters held at some values: it has none to train.
class Frozen final : public Layer {
 public:
  // ValueError for a number of values that does not fit, and for values that are not finite.
  Frozen(LayerPtr layer, std::vector<double> values);

  [[nodiscard]] std::size_t n_inputs() const override { return layer_->n_inputs(); }
  [[nodiscard]] std::size_t n_outputs() const override { return layer_->n_outputs(); }
  [[nodiscard]] std::size_t n_parameters() const override { return 0; }
  [[nodiscard]] std::vector<std::string> parameter_names() const override { return {}; }
  void check(const LayerCall& call) const override { layer_->check(with_values(call)); }
  void name_row(const LayerCall& call, const qsim::ValueError& error) const override {
    layer_->name_row(with_values(call), error);
  }
  void forward(const LayerCall& call, std::span<double> outputs) const override {
    layer_->forward(with_values(call), outputs);
  }
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const override {
    layer_->vjp(with_values(call), cotangents_of,
                {.outputs = out.outputs, .by_inputs = out.by_inputs, .by_parameters = {}}, asking);
  }
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  [[nodiscard]] LayerCall with_values(const LayerCall& call) const {
    return {call.rows, call.inputs, values_};
  }

  LayerPtr layer_;
  std::vector<double> values_;
};

}  // namespace qml
