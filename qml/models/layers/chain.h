#pragma once

#include "qml/models/layer.h"
#include "qsim/core/cache.h"

namespace qml {

// Layers one after the other, each on the outputs of the one before. Parameters are those of the
// first, then of the second and so on; their names begin with the layer's number, "1.weight[0,2]".
//
// On the way back a circuit takes its rows through the layers behind it, circuits among them, so
// that every one runs once. (Those before the last hold their states meanwhile, or run forwards a
// second time where these have no room.)
class Chain final : public Layer {
 public:
  // Chains among them stand as their own layers. ValueError for none, and, naming both layers,
  // where one has other than so many outputs as the next has inputs.
  explicit Chain(const std::vector<LayerPtr>& layers);

  [[nodiscard]] const std::vector<LayerPtr>& layers() const { return layers_; }
  [[nodiscard]] std::size_t n_inputs() const override { return layers_.front()->n_inputs(); }
  [[nodiscard]] std::size_t n_outputs() const override { return layers_.back()->n_outputs(); }
  [[nodiscard]] std::size_t n_parameters() const override { return first_.back(); }
  [[nodiscard]] std::vector<std::string> parameter_names() const override;
  void start(std::span<double> parameters) const override;
  void initialize(std::span<double> parameters, qsim::Random& random, double spread) const override;
  void check(const LayerCall& call) const override;
  void name_row(const LayerCall& call, const qsim::ValueError& error) const override;

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  struct Buffers;
  // One vjp.
  struct Run {
    const LayerCall& call;
    const CotangentsOf& cotangents_of;
    const LayerGradients& out;
    Asking asking;
    Buffers& buffers;
    [[nodiscard]] std::span<const double> inputs_of(std::size_t k) const;
  };
  // The parameters of layer k.
  template <class T>
  [[nodiscard]] std::span<T> of(std::size_t k, std::span<T> parameters) const {
    if (parameters.empty()) return {};  // not asked for
    return parameters.subspan(first_[k], first_[k + 1] - first_[k]);
  }
  [[nodiscard]] const RowLayer* row_layer(std::size_t k) const;
  [[nodiscard]] LayerCall call_of(std::size_t k, const LayerCall& call,
                                  std::span<const double> inputs) const;
  void through_tail(const LayerCall& call, const CotangentsOf& cotangents_of, std::size_t first,
                    std::size_t count, std::span<double> cotangents, Buffers& buffers) const;
  void through(const Run& run, std::size_t k, std::span<double> by_inputs) const;
  void sum_behind_head(const Run& run) const;

  std::vector<LayerPtr> layers_;
  std::vector<std::size_t> first_{0};  // parameter of each layer, and their number
  std::size_t head_ = 0;               // the last layer that is no RowLayer, else the first
  mutable qsim::Cache prepared_{};
};

}  // namespace qml
