#pragma once

#include <string_view>
#include <vector>

#include "qml/models/layer.h"

namespace qml {

// Which steps' outputs a layer over a sequence has: the last one's, or those of all, step by step.
enum class StepOutputs : unsigned char { kLast, kAll };
// "last" or "all"; ValueError otherwise.
StepOutputs step_outputs(std::string_view name);
std::string_view name_of(StepOutputs outputs);

// A cell over a sequence. At every step the cell has the step's values, then the state, as inputs;
// the first of its outputs are the next state. The state begins as zeros. The inputs are those of
// the first step, then of the second and so on; the outputs all those of the cell, at the last step
// or step by step. All steps share the cell's parameters; the way back goes through time.
class Recurrent final : public Layer {
 public:
  // ValueError for a state that is not among the cell's inputs and outputs.
  Recurrent(LayerPtr cell, std::size_t n_state, std::size_t n_steps,
            StepOutputs outputs = StepOutputs::kLast);

  [[nodiscard]] std::size_t n_inputs() const override { return n_steps_ * n_values(); }
  [[nodiscard]] std::size_t n_outputs() const override {
    return cell_->n_outputs() * (outputs_ == StepOutputs::kAll ? n_steps_ : 1);
  }
  [[nodiscard]] std::size_t n_parameters() const override { return cell_->n_parameters(); }
  [[nodiscard]] std::vector<std::string> parameter_names() const override {
    return cell_->parameter_names();
  }
  void start(std::span<double> parameters) const override { cell_->start(parameters); }
  void initialize(std::span<double> parameters, qsim::Random& random,
                  double spread) const override {
    cell_->initialize(parameters, random, spread);
  }

  void forward(const LayerCall& call, std::span<double> outputs) const override;
  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  using Steps = std::vector<std::vector<double>>;
  [[nodiscard]] std::size_t n_values() const { return cell_->n_inputs() - n_state_; }  // of a step
  // The cell's inputs at every step go to `kept`, if that is given.
  void run(const LayerCall& call, std::span<double> outputs, Steps* kept = nullptr) const;
  // Where a step's outputs are among those of a row, or none.
  [[nodiscard]] bool is_output(std::size_t step) const {
    return outputs_ == StepOutputs::kAll || step + 1 == n_steps_;
  }
  void read(std::size_t step, std::span<const double> of_cell, std::size_t rows,
            std::span<double> outputs) const;
  // The cotangents of the cell's outputs at a step: what is asked of them, and of the state through
  // the step after.
  void add_cotangents(std::size_t step, std::span<const double> cotangents,
                      std::span<const double> by_next, std::size_t rows,
                      std::vector<double>& out) const;

  LayerPtr cell_;
  std::size_t n_state_;
  std::size_t n_steps_;
  StepOutputs outputs_;
};

}  // namespace qml
