#pragma once

#include <vector>

#include "qml/models/layer.h"
#include "qml/models/layers/circuit_layer.h"
#include "qml/models/layers/recurrent.h"
#include "qsim/compile/program.h"
#include "qsim/json/json.h"

namespace qml {

// A circuit over a sequence that keeps its qubits: every step acts on the state that the one before
// left, the first on |0…0⟩, and nothing is measured in between but what is read: expectation
// values, at the last step or step by step. The inputs are those of the first step, then of the
// second and so on; all steps share the weights. The way back goes through time.
//
// A step is a program whose amplitudes are inputs too; states go on to the next step, and their
// cotangents back to the one before, as rows of numbers.
class RecurrentCircuit final : public Layer {
 public:
  static constexpr int kMostQubits = 12;
  // ValueError for no observables, a circuit that initializes its qubits, or too many of these.
  RecurrentCircuit(qsim::ProgramSource source, std::size_t n_steps,
                   StepOutputs outputs = StepOutputs::kLast);

  [[nodiscard]] std::size_t n_inputs() const override { return n_steps_ * n_values(); }
  [[nodiscard]] std::size_t n_outputs() const override {
    return n_observables() * (outputs_ == StepOutputs::kAll ? n_steps_ : 1);
  }
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
  using Steps = std::vector<std::vector<double>>;
  [[nodiscard]] std::size_t n_values() const { return source_.inputs.size(); }  // of a step
  [[nodiscard]] std::size_t n_observables() const { return read_.observables.size(); }
  // Numbers of a state: real and imaginary part of each amplitude.
  [[nodiscard]] std::size_t n_state() const { return step_.inputs.size() - n_values(); }
  // Where a step's values are among a row's outputs, if they are.
  [[nodiscard]] bool is_output(std::size_t step) const {
    return outputs_ == StepOutputs::kAll || step + 1 == n_steps_;
  }
  [[nodiscard]] std::size_t place(std::size_t step) const {
    return outputs_ == StepOutputs::kAll ? step * n_observables() : 0;
  }
  [[nodiscard]] std::vector<double> step_inputs(const LayerCall& call, std::size_t step,
                                                std::span<const double> states) const;
  // The step's inputs go to `kept`, if that is given.
  void run(const LayerCall& call, std::span<double> outputs, Steps* kept = nullptr) const;
  // Adds the cotangents of states to those of values read from them.
  void add_bras(std::span<const double> states, std::size_t step, std::size_t first,
                std::span<const double> cotangents, std::span<double> of_states) const;
  void step_back(const qsim::Batch& batch, const CotangentsOf& cotangents_of,
                 VjpBuffers& buffers) const;

  qsim::ProgramSource source_;
  std::size_t n_steps_;
  StepOutputs outputs_;
  qsim::Program read_;  // has the observables
  qsim::Program step_;  // from any state, whose numbers are its last inputs
};

}  // namespace qml
