#pragma once

#include "qml/derivatives/noisy.h"
#include "qml/models/layer.h"
#include "qml/models/layers/circuit_layer.h"
#include "qsim/json/json.h"

namespace qml {

// Expectation values at the end of a circuit with noise, exact, from density matrices. Inputs and
// parameters are the source's inputs and weights, and so are their names.
class NoisyLayer final : public Layer {
 public:
  // ValueError for no observables.
  explicit NoisyLayer(qsim::ProgramSource source);

  [[nodiscard]] std::size_t n_inputs() const override { return source_.inputs.size(); }
  [[nodiscard]] std::size_t n_outputs() const override { return source_.observables.size(); }
  [[nodiscard]] std::size_t n_parameters() const override { return source_.weights.size(); }
  [[nodiscard]] std::vector<std::string> parameter_names() const override {
    return source_.weights;
  }
  void initialize(std::span<double> parameters, qsim::Random& random,
                  double spread) const override {
    initialize_weights(source_.weights, parameters, random, spread);
  }

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  qsim::ProgramSource source_;
  NoisyProgram program_;
};

}  // namespace qml
