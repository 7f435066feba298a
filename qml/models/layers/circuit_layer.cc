#include "qml/models/layers/circuit_layer.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "qsim/compile/light_cone.h"
#include "qsim/core/hash.h"
#include "qsim/core/loan.h"

namespace qml {
namespace {

qsim::Program compiled(const qsim::ProgramSource& source, const Readout& readout) {
  const auto& [of, qubits, outcomes, shots, seed] = readout;
  qsim::require(of == Quantity::kExpval || of == Quantity::kProbs, "a layer of ", name_of(of),
                "; there are layers of expval and probs");
  qsim::require(of == Quantity::kProbs || qubits.empty(),
                "qubits are those of probs; expectation values have their observables'");
  qsim::Program out =
      qsim::compile(source.circuit, source.observables, source.inputs, source.weights);
  check(out, of, {.shots = shots, .seed = seed});
  qsim::require(of == Quantity::kProbs || outcomes.empty(),
                "outcomes are those of probs; expectation values have their observables'");
  if (!qubits.empty()) out = qsim::marginal(out, qubits, qsim::Start::kPrepared);
  for (const qsim::Index outcome : outcomes) {
    const std::size_t n = n_values(out, of);
    qsim::require<qsim::IndexError>(outcome < n, "outcome ", outcome, " is outside [0, ", n, ")");
  }
  return out;
}

Batch batch_of(const LayerCall& call) {
  return {.size = call.rows, .inputs = call.inputs, .weights = call.parameters};
}

// Σ_value cotangent · ∂value/∂parameter of one sample, added.
void add_products(std::span<const double> cotangents, std::span<const double> rows,
                  std::span<double> out) {
  for (std::size_t k = 0; k < rows.size(); ++k) {
    out[k % out.size()] += cotangents[k / out.size()] * rows[k];
  }
}

}  // namespace

CircuitLayer::CircuitLayer(qsim::ProgramSource source, Readout readout)
    : source_(std::move(source)),
      readout_(std::move(readout)),
      program_(compiled(source_, readout_)) {
  source_.weights = program_.weights;
}

void initialize_weights(std::span<const std::string> names, std::span<double> weights,
                        qsim::Random& random, double spread) {
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double draw = spread * (2 * random.uniform() - 1);
    weights[k] = names[k].starts_with("s[") ? 1.0 : draw;
  }
}

void CircuitLayer::check(const LayerCall& call) const {
  check_amplitudes(program_, batch_of(call));
}

void CircuitLayer::name_row(const LayerCall& call, const qsim::ValueError& error) const {
  name_sample(program_, batch_of(call), error);
}

Sampling CircuitLayer::sampling(const LayerCall& call) const {
  if (!readout_.shots) return {};
  const std::uint64_t start =
      call.first == 0 ? readout_.seed : qsim::hash_of({readout_.seed, call.first});
  return {.shots = readout_.shots,
          .seed = qsim::hash_of(qsim::hash_of(start, call.inputs), call.parameters)};
}

void CircuitLayer::forward(const LayerCall& call, std::span<double> outputs) const {
  if (call.rows == 0) return;
  const Batch batch = batch_of(call);
  const Sampling drawn = sampling(call);
  const std::vector<double> values = source_.single
                                         ? evaluate<float>(program_, batch, readout_.of, drawn)
                                         : evaluate<double>(program_, batch, readout_.of, drawn);
  read(values, outputs);
}

void CircuitLayer::read(std::span<const double> values, std::span<double> outputs) const {
  const std::vector<qsim::Index>& outcomes = readout_.outcomes;
  if (outcomes.empty())
    return void(std::ranges::copy(values.first(outputs.size()), outputs.begin()));
  const std::size_t n = n_values(program_, readout_.of);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    outputs[k] = values[k / outcomes.size() * n + outcomes[k % outcomes.size()]];
  }
}

void CircuitLayer::spread(std::span<const double> cotangents, std::span<double> of_values) const {
  const std::vector<qsim::Index>& outcomes = readout_.outcomes;
  const std::size_t n = n_values(program_, readout_.of);
  std::ranges::fill(of_values, 0.0);
  for (std::size_t k = 0; k < cotangents.size(); ++k) {
    of_values[k / outcomes.size() * n + outcomes[k % outcomes.size()]] += cotangents[k];
  }
}

void CircuitLayer::vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                       const LayerGradients& out, Asking asking) const {
  if (call.rows == 0) return vjp_of_no_rows(cotangents_of, out);
  const std::size_t n = readout_.outcomes.size();
  if (n == 0) return vjp_of_values(call, cotangents_of, out, asking);
  const auto of_values = [&](std::size_t first, std::size_t count, std::span<const double> values,
                             std::span<double> cotangents) {
    std::vector<double> outputs(count * n);
    std::vector<double> of_outputs(count * n);
    read(values, outputs);
    cotangents_of(first, count, outputs, of_outputs);
    spread(of_outputs, cotangents);
  };
  vjp_of_values(call, std::cref(of_values), out, asking);
}

void CircuitLayer::vjp_of_values(const LayerCall& call, const CotangentsOf& cotangents_of,
                                 const LayerGradients& out, Asking asking) const {
  if (readout_.shots) return vjp_by_shots(call, cotangents_of, out);
  // Kept with the program, so that a training step allocates nothing.
  const qsim::Loan<VjpBuffers> buffers(program_.prepared, 0,
                                       [] { return std::make_unique<VjpBuffers>(); });
  const Batch batch = batch_of(call);
  if (source_.single) {
    qml::vjp<float>(program_, batch, cotangents_of, *buffers, readout_.of, asking);
  } else {
    qml::vjp<double>(program_, batch, cotangents_of, *buffers, readout_.of, asking);
  }
  const auto copy = [](const std::vector<double>& from, std::span<double> to) {
    std::copy_n(from.begin(), to.size(), to.begin());
  };
  read(buffers->gradients.values, out.outputs);
  copy(buffers->gradients.inputs, out.by_inputs);
  copy(buffers->gradients.weights, out.by_parameters);
}

void CircuitLayer::vjp_by_shots(const LayerCall& call, const CotangentsOf& cotangents_of,
                                const LayerGradients& out) const {
  const Batch batch = batch_of(call);
  const Sampling drawn = sampling(call);
  const JacobianOptions options{.method = DiffMethod::kParameterShift,
                                .shots = drawn.shots,
                                .seed = drawn.seed,
                                .quantity = readout_.of};
  const Gradients found = source_.single ? jacobian<float>(program_, batch, options)
                                         : jacobian<double>(program_, batch, options);
  std::vector<double> cotangents(found.values.size());
  cotangents_of(0, call.rows, found.values, cotangents);
  read(found.values, out.outputs);
  std::ranges::fill(out.by_inputs, 0.0);
  std::ranges::fill(out.by_parameters, 0.0);
  const std::size_t n = n_values(program_, readout_.of);
  for (std::size_t row = 0; row < call.rows; ++row) {
    const auto of_row = std::span(cotangents).subspan(row * n, n);
    const auto rows_of = [&](const std::vector<double>& all, std::size_t columns) {
      return std::span(all).subspan(row * n * columns, n * columns);
    };
    if (!out.by_inputs.empty()) {
      add_products(of_row, rows_of(found.inputs, n_inputs()),
                   out.by_inputs.subspan(row * n_inputs(), n_inputs()));
    }
    if (!out.by_parameters.empty()) {
      add_products(of_row, rows_of(found.weights, n_parameters()), out.by_parameters);
    }
  }
}

nlohmann::json CircuitLayer::to_json() const {
  nlohmann::json out{{"kind", "circuit"},
                     {"program", qsim::to_json(source_)},
                     {"of", name_of(readout_.of)},
                     {"qubits", readout_.qubits}};
  if (!readout_.outcomes.empty()) out["outcomes"] = readout_.outcomes;
  if (readout_.shots) {
    out["shots"] = static_cast<std::uint64_t>(*readout_.shots);
    out["seed"] = readout_.seed;
  }
  return out;
}

}  // namespace qml
