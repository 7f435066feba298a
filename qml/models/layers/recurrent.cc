#include "qml/models/layers/recurrent.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace qml {

StepOutputs step_outputs(std::string_view name) {
  if (name == "last") return StepOutputs::kLast;
  qsim::require(name == "all", "outputs is '", name, "'; it must be 'last' or 'all'");
  return StepOutputs::kAll;
}

std::string_view name_of(StepOutputs outputs) {
  return outputs == StepOutputs::kAll ? "all" : "last";
}

Recurrent::Recurrent(LayerPtr cell, std::size_t n_state, std::size_t n_steps, StepOutputs outputs)
    : cell_(std::move(cell)), n_state_(n_state), n_steps_(n_steps), outputs_(outputs) {
  qsim::require(n_state >= 1 && n_state <= cell_->n_outputs(), "a state of ", n_state,
                " values is not among the cell's ", cell_->n_outputs(), " outputs");
  qsim::require(n_state < cell_->n_inputs(), "the cell has ", cell_->n_inputs(),
                " inputs; with a state of ", n_state, " that leaves none for a step's values");
  qsim::require(n_steps >= 1, "a sequence of no steps");
}

void Recurrent::read(std::size_t step, std::span<const double> of_cell, std::size_t rows,
                     std::span<double> outputs) const {
  if (!is_output(step)) return;
  const std::size_t width = cell_->n_outputs();
  const std::size_t place = outputs_ == StepOutputs::kAll ? step * width : 0;
  for (std::size_t row = 0; row < rows; ++row) {
    std::ranges::copy(of_cell.subspan(row * width, width),
                      outputs.subspan(row * n_outputs() + place).begin());
  }
}

void Recurrent::run(const LayerCall& call, std::span<double> outputs, Steps* kept) const {
  const std::size_t width = cell_->n_outputs();
  std::vector<double> of_cell(call.rows * width, 0.0);
  std::vector<double> inputs;
  for (std::size_t step = 0; step < n_steps_; ++step) {
    inputs.clear();
    inputs.reserve(call.rows * cell_->n_inputs());
    for (std::size_t row = 0; row < call.rows; ++row) {
      const auto values = call.inputs.subspan(row * n_inputs() + step * n_values(), n_values());
      inputs.insert(inputs.end(), values.begin(), values.end());
      const auto state = std::span(of_cell).subspan(row * width, n_state_);
      inputs.insert(inputs.end(), state.begin(), state.end());
    }
    cell_->forward({call.rows, inputs, call.parameters, call.first}, of_cell);
    read(step, of_cell, call.rows, outputs);
    if (kept != nullptr) kept->push_back(inputs);
  }
}

void Recurrent::forward(const LayerCall& call, std::span<double> outputs) const {
  run(call, outputs);
}

void Recurrent::add_cotangents(std::size_t step, std::span<const double> cotangents,
                               std::span<const double> by_next, std::size_t rows,
                               std::vector<double>& out) const {
  const std::size_t width = cell_->n_outputs();
  const std::size_t place = outputs_ == StepOutputs::kAll ? step * width : 0;
  std::ranges::fill(out, 0.0);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t k = 0; k < width && is_output(step); ++k) {
      out[row * width + k] = cotangents[row * n_outputs() + place + k];
    }
    for (std::size_t k = 0; k < n_state_ && !by_next.empty(); ++k) {
      out[row * width + k] += by_next[row * cell_->n_inputs() + n_values() + k];
    }
  }
}

void Recurrent::vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                    const LayerGradients& out, Asking /*asking*/) const {
  std::vector<double> outputs(call.rows * n_outputs());
  std::vector<double> cotangents(outputs.size());
  Steps inputs;
  run(call, outputs, &inputs);
  cotangents_of(0, call.rows, outputs, cotangents);
  std::vector<double> of_cell(call.rows * cell_->n_outputs());
  std::vector<double> by_inputs;
  std::vector<double> by_parameters(out.by_parameters.size());
  std::ranges::fill(out.by_parameters, 0.0);
  for (std::size_t step = n_steps_; step-- > 0;) {
    add_cotangents(step, cotangents, by_inputs, call.rows, of_cell);
    by_inputs.resize(call.rows * cell_->n_inputs());
    cell_->vjp({call.rows, inputs[step], call.parameters, call.first},
               known_cotangents(of_cell, cell_->n_outputs()),
               {.outputs = {}, .by_inputs = by_inputs, .by_parameters = by_parameters},
               Asking::kSomeAtATime);
    for (std::size_t k = 0; k < by_parameters.size(); ++k) {
      out.by_parameters[k] += by_parameters[k];
    }
    for (std::size_t row = 0; row < call.rows && !out.by_inputs.empty(); ++row) {
      std::copy_n(by_inputs.begin() + static_cast<std::ptrdiff_t>(row * cell_->n_inputs()),
                  n_values(), out.by_inputs.subspan(row * n_inputs() + step * n_values()).begin());
    }
  }
  std::ranges::copy(std::span(outputs).first(out.outputs.size()), out.outputs.begin());
}

nlohmann::json Recurrent::to_json() const {
  return {{"kind", "recurrent"},
          {"cell", cell_->to_json()},
          {"n_state", n_state_},
          {"n_steps", n_steps_},
          {"outputs", name_of(outputs_)}};
}

}  // namespace qml
