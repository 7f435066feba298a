#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "qml/derivatives/evaluate.h"
#include "qml/models/loss.h"
#include "qsim/circuit/circuit.h"
#include "qsim/compile/program.h"

namespace qml {

// Samples to learn from: rows of inputs, rows of targets (one value an output), and a weight each
// (or none: all 1).
struct Dataset {
  std::size_t size = 0;
  std::span<const double> inputs{};
  std::span<const double> targets{};
  std::span<const double> sample_weights{};
};

// A trainable function: output_k = scale_k · ⟨O_k⟩ + bias_k, the expectation values of a circuit
// with a trainable scale and offset. Its parameters are one flat vector: the circuit's weights,
// then the scales, then the biases.
class Model {
 public:
  // The observables are Pauli sums, so that a model can be saved. Inputs and weights are those of
  // qsim::compile(). Weights start at 0, scales at 1, biases at 0.
  Model(qsim::Circuit circuit, const std::vector<qsim::PauliSum>& observables,
        const std::vector<std::string>& inputs, bool single_precision = false,
        const qsim::AskedNames& weights = {});

  [[nodiscard]] const qsim::Circuit& circuit() const { return circuit_; }
  [[nodiscard]] const qsim::Program& program() const { return program_; }
  [[nodiscard]] std::size_t n_inputs() const { return program_.inputs.size(); }
  [[nodiscard]] std::size_t n_outputs() const { return program_.observables.size(); }
  [[nodiscard]] std::size_t n_parameters() const { return parameters_.size(); }
  [[nodiscard]] bool single_precision() const { return single_; }

  [[nodiscard]] std::span<const double> parameters() const { return parameters_; }
  [[nodiscard]] std::span<double> mutable_parameters() { return parameters_; }
  void set_parameters(std::span<const double> values);  // ValueError for a wrong size or NaN

  // Weights uniform in [−spread, spread]; weights named s[…], which multiply inputs, start at 1.
  void initialize(std::uint64_t seed, double spread);

  // rows × n_outputs.
  [[nodiscard]] std::vector<double> outputs(std::span<const double> inputs, std::size_t rows) const;

  // The weighted mean loss Σ_i w_i loss_i / Σ_i w_i, and its gradient over all parameters if a
  // gradient is given (of their number). Throws ValueError where the sample weights are negative or
  // sum to zero.
  [[nodiscard]] double loss(Loss kind, const Dataset& data, std::span<double> gradient = {}) const;

  // Everything, exactly: {"format": "ketgrad.model", "version": 1, "circuit": …, …}.
  [[nodiscard]] nlohmann::json to_json() const;
  static Model from_json(const nlohmann::json& value);

  // Throws ValueError unless the data fit the model: at least one sample, the right numbers of
  // values, all finite, sample weights that are not negative and sum to more than zero.
  void check(const Dataset& data) const;

 private:
  [[nodiscard]] std::span<const double> weights() const;
  [[nodiscard]] std::span<const double> scales() const;
  [[nodiscard]] std::span<const double> biases() const;
  template <class T>
  [[nodiscard]] double loss_of(Loss kind, const Dataset& data, std::span<double> gradient) const;

  qsim::Circuit circuit_;
  qsim::Program program_;
  bool single_;
  std::vector<double> parameters_;
};

}  // namespace qml
