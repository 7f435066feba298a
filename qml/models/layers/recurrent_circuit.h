#pragma once

#include <complex>
#include <vector>

#include "qml/models/layer.h"
#include "qml/models/layers/circuit_layer.h"
#include "qml/models/layers/recurrent.h"
#include "qsim/compile/program.h"
#include "qsim/core/types.h"
#include "qsim/json/json.h"

namespace qml {

// A circuit over a sequence that keeps its qubits: every step acts on the state that the one before
// left, the first on |0…0⟩, and nothing is measured in between but what is read: expectation
// values, at the last step or step by step. The inputs are those of the first step, then of the
// second and so on; all steps share the weights. The way back goes through time.
//
// With the last values alone it is one long circuit. With those of all steps they are run one by
// one: on the way back every step runs from the state that it began with, and the bras behind it go
// through its inverse to the step before.
class RecurrentCircuit final : public Layer {
 public:
  using States = std::vector<qsim::Complex>;  // 2^n amplitudes a row

  // ValueError for no observables and for a circuit that initializes its qubits.
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

  void check(const LayerCall& call) const override;
  void name_row(const LayerCall& call, const qsim::ValueError& error) const override;

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  [[nodiscard]] std::size_t n_values() const { return source_.inputs.size(); }  // of a step
  [[nodiscard]] std::size_t n_observables() const { return step_.observables.size(); }
  [[nodiscard]] std::size_t n_amplitudes() const {
    return std::size_t{1} << static_cast<unsigned>(step_.n_qubits);
  }
  [[nodiscard]] std::vector<double> values_of(const LayerCall& call, std::size_t step) const;
  // States through a program with a step's values; and bras through the step's inverse.
  void move(const qsim::Program& program, const LayerCall& call, std::size_t step,
            States& states) const;
  void move_back(const LayerCall& call, std::size_t step, States& bras) const;
  // The states before each step go to `before`, if that is given.
  void run(const LayerCall& call, std::span<double> outputs,
           std::vector<States>* before = nullptr) const;
  // Adds the bras of values read from some states, given as their real and imaginary parts.
  void add_bras(std::span<const double> states, std::span<const double> cotangents,
                std::span<qsim::Complex> bras) const;
  void step_back(const qsim::Batch& batch, const CotangentsOf& cotangents_of,
                 VjpBuffers& buffers) const;

  qsim::ProgramSource source_;
  std::size_t n_steps_;
  StepOutputs outputs_;
  qsim::Program step_;
  qsim::Program undone_;  // its inverse
  LayerPtr unrolled_{};   // all steps as one circuit, where the last values are read
};

}  // namespace qml
