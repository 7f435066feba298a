#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "qml/models/layer.h"
#include "qsim/compile/program.h"
#include "qsim/json/json.h"

namespace qml {

// Draws a circuit's weights uniformly in ±spread; those named s[…], which multiply inputs, are 1.
void initialize_weights(std::span<const std::string> names, std::span<double> weights,
                        qsim::Random& random, double spread);

// What is read at a circuit's end.
struct Readout {
  Quantity of = Quantity::kExpval;      // or kProbs
  std::vector<qsim::Qubit> qubits{};    // of kProbs: bit k of an outcome is qubits[k]; none: all
  std::vector<qsim::Index> outcomes{};  // of kProbs: those whose probabilities are read; none: all
  std::optional<std::int64_t> shots{};  // none: exact
  std::uint64_t seed = 0;               // of the shots
};

// A circuit with what is read at its end: expectation values of its observables, or probabilities.
// Inputs and parameters are the program's inputs and weights, and so are their names.
//
// With shots, values are estimates, and so are their derivatives, by parameter shift. The shots
// depend on the seed, on all inputs and parameters and on the block of a batch that the rows are:
// where one of these has changed, others are drawn, and the same place has the same.
class CircuitLayer final : public Layer {
 public:
  // ValueError for other quantities, for no observables, for outcomes that the qubits do not have,
  // for less than one shot.
  explicit CircuitLayer(qsim::ProgramSource source, Readout readout = {});

  [[nodiscard]] const qsim::Circuit& circuit() const { return source_.circuit; }
  [[nodiscard]] const qsim::ProgramSource& source() const { return source_; }
  [[nodiscard]] const qsim::Program& program() const { return program_; }
  [[nodiscard]] bool single_precision() const { return source_.single; }

  [[nodiscard]] std::size_t n_inputs() const override { return program_.inputs.size(); }
  [[nodiscard]] std::size_t n_outputs() const override {
    return readout_.outcomes.empty() ? n_values(program_, readout_.of) : readout_.outcomes.size();
  }
  [[nodiscard]] std::size_t n_parameters() const override { return program_.weights.size(); }
  [[nodiscard]] std::vector<std::string> parameter_names() const override {
    return program_.weights;
  }
  void initialize(std::span<double> parameters, qsim::Random& random,
                  double spread) const override {
    initialize_weights(program_.weights, parameters, random, spread);
  }
  void check(const LayerCall& call) const override;
  void name_row(const LayerCall& call, const qsim::ValueError& error) const override;

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  [[nodiscard]] Sampling sampling(const LayerCall& call) const;
  // From the values of all outcomes to those that are read, and the other way for cotangents.
  void read(std::span<const double> values, std::span<double> outputs) const;
  void spread(std::span<const double> cotangents, std::span<double> of_values) const;
  void vjp_of_values(const LayerCall& call, const CotangentsOf& cotangents_of,
                     const LayerGradients& out, Asking asking) const;
  void vjp_by_shots(const LayerCall& call, const CotangentsOf& cotangents_of,
                    const LayerGradients& out) const;

  qsim::ProgramSource source_;
  Readout readout_;
  qsim::Program program_;
};

}  // namespace qml
