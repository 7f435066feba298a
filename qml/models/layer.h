#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "qml/derivatives/differentiate.h"
#include "qsim/core/error.h"
#include "qsim/core/random.h"

// What models are made of: differentiable functions of inputs and parameters. Numbers of a batch
// stand row by row, a row a sample.

namespace qml {

struct LayerCall {
  std::size_t rows = 0;
  std::span<const double> inputs{};      // rows × n_inputs
  std::span<const double> parameters{};  // the same for all rows
  // Where the rows begin in a batch that is cut into blocks: shots of equal ones are not the same.
  std::size_t first = 0;
};

// Where a layer writes; what is empty is not asked for.
struct LayerGradients {
  std::span<double> outputs{};        // rows × n_outputs
  std::span<double> by_inputs{};      // rows × n_inputs
  std::span<double> by_parameters{};  // summed over the rows
};

// Layers are immutable: models and other layers share them.
class Layer {
 public:
  Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  virtual ~Layer() = default;

  [[nodiscard]] virtual std::size_t n_inputs() const = 0;
  [[nodiscard]] virtual std::size_t n_outputs() const = 0;
  [[nodiscard]] virtual std::size_t n_parameters() const = 0;
  [[nodiscard]] virtual std::vector<std::string> parameter_names() const = 0;  // so many

  // The parameters that a new model has: zeros, unless the layer says otherwise.
  virtual void start(std::span<double> parameters) const;
  // Draws those that must differ from each other for training to begin; circuits take theirs
  // uniformly from [−spread, spread].
  virtual void initialize(std::span<double> parameters, qsim::Random& random, double spread) const;

  // Throws ValueError, naming the row, for inputs that it cannot take, as far as that can be told
  // before it runs.
  virtual void check(const LayerCall& call) const;
  // Throws, in place of an error of a run, one that names the row, where it can find it.
  virtual void name_row(const LayerCall& call, const qsim::ValueError& error) const;

  virtual void forward(const LayerCall& call, std::span<double> outputs) const = 0;
  // Forward, then cotangents from the outputs, then back: the derivatives of Σ cotangent · output.
  virtual void vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                   const LayerGradients& out, Asking asking) const = 0;

  // {"kind": "dense", …}; layer_from_json reads it.
  [[nodiscard]] virtual nlohmann::json to_json() const = 0;
};

using LayerPtr = std::shared_ptr<const Layer>;

// Throws ValueError that names what it cannot read.
LayerPtr layer_from_json(const nlohmann::json& value);

// Adds the names of a layer's parameters behind its number, "1.weight[0,2]".
void add_numbered(std::size_t number, const Layer& layer, std::vector<std::string>& names);

// A vjp of no rows, which a circuit cannot run: those behind it are asked all the same, and nothing
// depends on the parameters.
void vjp_of_no_rows(const CotangentsOf& cotangents_of, const LayerGradients& out);

// The cotangents are known beforehand: those of the rows in their order.
CotangentsOf known_cotangents(std::span<const double> cotangents, std::size_t n_outputs);

// A layer whose rows take less time than a circuit's, so that they go through it together with the
// rows of the circuit before it, and no circuit runs twice.
class RowLayer : public Layer {
 public:
  // Writes the derivatives by the inputs of some rows.
  virtual void pull(const LayerCall& call, std::span<const double> outputs,
                    std::span<const double> cotangents, std::span<double> by_inputs) const = 0;
  // Writes those by the parameters, of all rows.
  virtual void sum_by_parameters(const LayerCall& call, std::span<const double> outputs,
                                 std::span<const double> cotangents,
                                 std::span<double> by_parameters) const = 0;

  void vjp(const LayerCall& call, const CotangentsOf& cotangents_of, const LayerGradients& out,
           Asking asking) const final;
};

}  // namespace qml
