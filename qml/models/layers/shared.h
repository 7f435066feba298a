#pragma once

#include <map>
#include <string>
#include <vector>

#include "qml/models/layer.h"

namespace qml {

// A layer whose parameters have other names, and in which those of one name are one: weights that
// parts of a layer share. Derivatives by it are summed.
class Shared final : public Layer {
 public:
  // What beginnings of names become, {{"2.", "0."}} for the third layer of a chain to have the
  // weights of the first; where several fit, the longest counts. ValueError for one that no name
  // begins with, and, where parameters become one, for one of them that the others lack.
  Shared(LayerPtr layer, std::map<std::string, std::string> names);

  [[nodiscard]] std::size_t n_inputs() const override { return layer_->n_inputs(); }
  [[nodiscard]] std::size_t n_outputs() const override { return layer_->n_outputs(); }
  [[nodiscard]] std::size_t n_parameters() const override { return parameters_.size(); }
  [[nodiscard]] std::vector<std::string> parameter_names() const override { return parameters_; }
  void start(std::span<double> parameters) const override;
  void initialize(std::span<double> parameters, qsim::Random& random, double spread) const override;
  void check(const LayerCall& call) const override;
  void name_row(const LayerCall& call, const qsim::ValueError& error) const override;

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  // From these parameters to the layer's, and back: the first of those that are one.
  [[nodiscard]] std::vector<double> spread(std::span<const double> parameters) const;
  void gather(std::span<const double> of_layer, std::span<double> parameters) const;

  LayerPtr layer_;
  std::map<std::string, std::string> names_;
  std::vector<std::string> parameters_;
  std::vector<std::size_t> place_;  // of each parameter of the layer
};

}  // namespace qml
