#pragma once

#include <vector>

#include "qml/models/layer.h"
#include "qsim/compile/program.h"
#include "qsim/json/json.h"

namespace qml {

// A circuit with what is read at its end: expectation values of its observables, or probabilities.
// Inputs and parameters are the program's inputs and weights, and so are their names.
class CircuitLayer final : public Layer {
 public:
  // of: kExpval, or kProbs, whose outcomes are those of the qubits, bit k of an outcome that of
  // qubits[k] (none: of all). ValueError for other quantities and for no observables.
  explicit CircuitLayer(qsim::ProgramSource source, Quantity of = Quantity::kExpval,
                        std::vector<qsim::Qubit> qubits = {});

  [[nodiscard]] const qsim::Circuit& circuit() const { return source_.circuit; }
  [[nodiscard]] const qsim::ProgramSource& source() const { return source_; }
  [[nodiscard]] const qsim::Program& program() const { return program_; }
  [[nodiscard]] bool single_precision() const { return source_.single; }

  [[nodiscard]] std::size_t n_inputs() const override { return program_.inputs.size(); }
  [[nodiscard]] std::size_t n_outputs() const override { return n_values(program_, of_); }
  [[nodiscard]] std::size_t n_parameters() const override { return program_.weights.size(); }
  [[nodiscard]] std::vector<std::string> parameter_names() const override {
    return program_.weights;
  }
  // Uniform in ±spread; weights named s[…], which multiply inputs, are 1.
  void initialize(std::span<double> parameters, qsim::Random& random, double spread) const override;
  void check(const LayerCall& call) const override;
  void name_row(const LayerCall& call, const qsim::ValueError& error) const override;

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
           const LayerGradients& out) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  qsim::ProgramSource source_;
  Quantity of_;
  std::vector<qsim::Qubit> qubits_;
  qsim::Program program_;
};

}  // namespace qml
