#pragma once

#include <vector>

#include "qml/models/layer.h"

namespace qml {

// Which of a row's values each window sees.
using Windows = std::vector<std::vector<std::size_t>>;

// The windows of a series of `length` steps with `channels` values each: `size` steps every
// `stride`. ValueError where none fits.
Windows series_windows(std::size_t length, std::size_t channels, std::size_t size,
                       std::size_t stride);
// Those of an image, height × width × channels row by row: size × size pixels every `stride` in
// both directions.
Windows image_windows(std::size_t height, std::size_t width, std::size_t channels, std::size_t size,
                      std::size_t stride);

// One layer on every window of its inputs (a convolution where the windows are shifts of one). The
// outputs are those of the first window, then of the second and so on. All windows share the
// layer's parameters, or each has its own, in the same order ("3.weight[0,1]" of window 3).
class Patches final : public Layer {
 public:
  // ValueError for windows that do not fit the layer or the inputs.
  Patches(LayerPtr layer, std::size_t n_inputs, Windows windows, bool shared = true);

  [[nodiscard]] std::size_t n_inputs() const override { return n_inputs_; }
  [[nodiscard]] std::size_t n_outputs() const override {
    return windows_.size() * layer_->n_outputs();
  }
  [[nodiscard]] std::vector<std::string> parameter_names() const override;
  [[nodiscard]] std::size_t n_parameters() const override;
  void start(std::span<double> parameters) const override;
  void initialize(std::span<double> parameters, qsim::Random& random, double spread) const override;
  void check(const LayerCall& call) const override;

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  // Windows whose rows go through the layer together: all, or one by one.
  [[nodiscard]] std::size_t n_groups() const { return shared_ ? 1 : windows_.size(); }
  [[nodiscard]] std::size_t windows_of_group() const { return shared_ ? windows_.size() : 1; }
  template <class T>
  [[nodiscard]] std::span<T> of_group(std::size_t group, std::span<T> parameters) const;
  [[nodiscard]] std::vector<double> gather(const LayerCall& call, std::size_t group) const;
  void scatter(std::span<const double> by_windows, std::size_t group, std::size_t rows,
               std::span<double> by_inputs) const;

  // The derivatives of a group, of which those by inputs are added.
  void group_vjp(const LayerCall& call, std::size_t group, const CotangentsOf& cotangents_of,
                 const LayerGradients& out, std::span<double> outputs) const;

  LayerPtr layer_;
  std::size_t n_inputs_;
  Windows windows_;
  bool shared_;
};

}  // namespace qml
