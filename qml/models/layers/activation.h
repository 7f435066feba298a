#pragma once

#include <string_view>

#include "qml/models/layer.h"

namespace qml {

// The same function of every value, or, softmax, of every row; no parameters.
class Activation final : public RowLayer {
 public:
  // "tanh", "relu", "sigmoid" or "softmax"; ValueError listing them otherwise.
  Activation(std::string_view name, std::size_t size);

  [[nodiscard]] std::size_t n_inputs() const override { return size_; }
  [[nodiscard]] std::size_t n_outputs() const override { return size_; }
  [[nodiscard]] std::size_t n_parameters() const override { return 0; }
  [[nodiscard]] std::vector<std::string> parameter_names() const override { return {}; }

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void pull(const LayerCall& call, std::span<const double> outputs,
            std::span<const double> cotangents, std::span<double> by_inputs) const override;
  void sum_by_parameters(const LayerCall& call, std::span<const double> outputs,
                         std::span<const double> cotangents,
                         std::span<double> by_parameters) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

  struct Row;  // of the table of functions

 private:
  const Row* row_;
  std::size_t size_;
};

}  // namespace qml
