#pragma once

#include "qml/models/layer.h"

namespace qml {

// scale_k · x_k + shift_k: the scales, which start at 1, then the shifts, which start at 0. Either
// may be left out.
class ScaleShift final : public RowLayer {
 public:
  explicit ScaleShift(std::size_t size, bool scale = true, bool shift = true);

  [[nodiscard]] std::size_t n_inputs() const override { return size_; }
  [[nodiscard]] std::size_t n_outputs() const override { return size_; }
  [[nodiscard]] std::vector<std::string> parameter_names() const override;
  [[nodiscard]] std::size_t n_parameters() const override;
  void start(std::span<double> parameters) const override;

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void pull(const LayerCall& call, std::span<const double> outputs,
            std::span<const double> cotangents, std::span<double> by_inputs) const override;
  void sum_by_parameters(const LayerCall& call, std::span<const double> outputs,
                         std::span<const double> cotangents,
                         std::span<double> by_parameters) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  std::size_t size_;
  bool scale_;
  bool shift_;
};

}  // namespace qml
