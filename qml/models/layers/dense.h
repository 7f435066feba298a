#pragma once

#include "qml/models/layer.h"

namespace qml {

// W x + b, with the parameters W (n_outputs × n_inputs, row by row), then b.
class Dense final : public RowLayer {
 public:
  Dense(std::size_t n_inputs, std::size_t n_outputs, bool bias = true);  // ValueError for none

  [[nodiscard]] std::size_t n_inputs() const override { return n_inputs_; }
  [[nodiscard]] std::size_t n_outputs() const override { return n_outputs_; }
  [[nodiscard]] std::size_t n_parameters() const override;
  [[nodiscard]] std::vector<std::string> parameter_names() const override;
  // Uniform in ±1/√n_inputs, as PyTorch's torch.nn.Linear.
  void initialize(std::span<double> parameters, qsim::Random& random, double spread) const override;

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void pull(const LayerCall& call, std::span<const double> outputs,
            std::span<const double> cotangents, std::span<double> by_inputs) const override;
  void sum_by_parameters(const LayerCall& call, std::span<const double> outputs,
                         std::span<const double> cotangents,
                         std::span<double> by_parameters) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  std::size_t n_inputs_;
  std::size_t n_outputs_;
  bool bias_;
};

}  // namespace qml
