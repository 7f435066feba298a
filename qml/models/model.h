#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "qml/models/layer.h"
#include "qml/models/layers/circuit_layer.h"
#include "qml/models/loss.h"
#include "qsim/circuit/circuit.h"
#include "qsim/compile/program.h"
#include "qsim/core/cache.h"

namespace qml {

// Samples to learn from: rows of inputs, rows of targets (one value an output), and a weight each
// (or none: all 1).
struct Dataset {
  std::size_t size = 0;
  std::span<const double> inputs{};
  std::span<const double> targets{};
  std::span<const double> sample_weights{};
  std::size_t first = 0;  // row of a whole that it is a block of
};

// The sum of their weights.
double weight_of(const Dataset& data);
// Enough to notice other data.
std::uint64_t hash_of(const Dataset& data);

// A trainable function: a layer and its parameters, one flat vector.
//
//   Model model(std::make_shared<Chain>(std::vector<LayerPtr>{dense, circuit, head}));
class Model {
 public:
  explicit Model(LayerPtr layer);
  // output_k = scale_k · ⟨O_k⟩ + bias_k, the expectation values of a circuit with a trainable scale
  // and offset. Its parameters are the circuit's weights, then the scales, then the biases.
  //
  // The observables are Pauli sums, so that a model can be saved. Inputs and weights are those of
  // qsim::compile(). Weights start at 0, scales at 1, biases at 0.
  Model(qsim::Circuit circuit, const std::vector<qsim::PauliSum>& observables,
        const std::vector<std::string>& inputs, bool single_precision = false,
        const qsim::AskedNames& weights = {});

  [[nodiscard]] const Layer& layer() const { return *layer_; }
  [[nodiscard]] const LayerPtr& shared_layer() const { return layer_; }
  // The circuit where the model is one with scales and biases; null where it is made of layers.
  [[nodiscard]] const CircuitLayer* circuit_layer() const { return circuit_; }
  // Its parts; ValueError where the model is made of layers.
  [[nodiscard]] const qsim::Circuit& circuit() const { return only_circuit().circuit(); }
  [[nodiscard]] const qsim::Program& program() const { return only_circuit().program(); }
  [[nodiscard]] bool single_precision() const { return only_circuit().single_precision(); }

  [[nodiscard]] std::size_t n_inputs() const { return layer_->n_inputs(); }
  [[nodiscard]] std::size_t n_outputs() const { return layer_->n_outputs(); }
  [[nodiscard]] std::size_t n_parameters() const { return parameters_.size(); }

  [[nodiscard]] std::span<const double> parameters() const { return parameters_; }
  [[nodiscard]] std::span<double> mutable_parameters() { return parameters_; }
  void set_parameters(std::span<const double> values);  // ValueError for a wrong size or NaN

  // Draws first parameters, layer by layer (Layer::initialize).
  void initialize(std::uint64_t seed, double spread);

  // rows × n_outputs.
  [[nodiscard]] std::vector<double> outputs(std::span<const double> inputs, std::size_t rows) const;

  // The weighted mean loss Σ_i w_i loss_i / Σ_i w_i, and its gradient over all parameters if a
  // gradient is given (of their number). Throws ValueError where the sample weights are negative or
  // sum to zero.
  [[nodiscard]] double loss(Loss kind, const Dataset& data, std::span<double> gradient = {}) const;

  // The same of a loss of one's own, which sees the whole batch at once, also the sample weights,
  // and any number of targets a sample. Throws ValueError for values or derivatives that are not
  // finite.
  [[nodiscard]] double loss(const BatchLossFunction& of_batch, const Dataset& data,
                            std::span<double> gradient = {}) const;

  // Everything, exactly: {"format": "ketgrad.model", "version": 1, "circuit": …, …}, or, made of
  // layers, {"format": "ketgrad.model", "version": 2, "layer": …, "parameters": […]}.
  [[nodiscard]] nlohmann::json to_json() const;
  static Model from_json(const nlohmann::json& value);

  // Throws ValueError unless the data fit the model: at least one sample, the right numbers of
  // values, all finite, sample weights that are not negative and sum to more than zero.
  void check(const Dataset& data) const;
  // The same with any number of targets a sample.
  void check_for_own_loss(const Dataset& data) const;

 private:
  [[nodiscard]] const CircuitLayer& only_circuit() const;
  void check_samples(const Dataset& data) const;  // all but the number of targets
  [[nodiscard]] double mean_loss(Loss kind, const Dataset& data, std::span<double> gradient) const;
  [[nodiscard]] LayerCall call(const Dataset& data) const {
    return {data.size, data.inputs, parameters_, data.first};
  }

  LayerPtr layer_;
  const CircuitLayer* circuit_ = nullptr;  // part of the layer
  std::vector<double> parameters_;
  mutable qsim::Cache prepared_{};
};

// What body() returns, which takes a model to parts of the data: its errors name rows of the whole.
template <class Body>
decltype(auto) naming_rows(const Model& model, const Dataset& data, const Body& body) {
  try {
    return body();
  } catch (const qsim::ValueError& error) {
    model.layer().name_row({data.size, data.inputs, model.parameters()}, error);
    throw;
  }
}

}  // namespace qml
