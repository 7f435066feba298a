#include "qml/models/layers/circuit_layer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "qsim/compile/light_cone.h"
#include "qsim/core/loan.h"

namespace qml {
namespace {

qsim::Program compiled(const qsim::ProgramSource& source, Quantity of,
                       const std::vector<qsim::Qubit>& qubits) {
  qsim::require(of == Quantity::kExpval || of == Quantity::kProbs, "a layer of ", name_of(of),
                "; there are layers of expval and probs");
  qsim::require(of == Quantity::kProbs || qubits.empty(),
                "qubits are those of probs; expectation values have their observables'");
  qsim::Program out =
      qsim::compile(source.circuit, source.observables, source.inputs, source.weights);
  check(out, of, {});
  return qubits.empty() ? out : qsim::marginal(out, qubits, qsim::Start::kPrepared);
}

Batch batch_of(const LayerCall& call) {
  return {.size = call.rows, .inputs = call.inputs, .weights = call.parameters};
}

}  // namespace

CircuitLayer::CircuitLayer(qsim::ProgramSource source, Quantity of, std::vector<qsim::Qubit> qubits)
    : source_(std::move(source)),
      of_(of),
      qubits_(std::move(qubits)),
      program_(compiled(source_, of, qubits_)) {
  source_.weights = program_.weights;
}

void CircuitLayer::initialize(std::span<double> parameters, qsim::Random& random,
                              double spread) const {
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const double draw = spread * (2 * random.uniform() - 1);
    parameters[k] = program_.weights[k].starts_with("s[") ? 1.0 : draw;
  }
}

void CircuitLayer::check(const LayerCall& call) const {
  check_amplitudes(program_, batch_of(call));
}

void CircuitLayer::name_row(const LayerCall& call, const qsim::ValueError& error) const {
  name_sample(program_, batch_of(call), error);
}

void CircuitLayer::forward(const LayerCall& call, std::span<double> outputs) const {
  const Batch batch = batch_of(call);
  const std::vector<double> values = source_.single ? evaluate<float>(program_, batch, of_)
                                                    : evaluate<double>(program_, batch, of_);
  std::ranges::copy(values, outputs.begin());
}

void CircuitLayer::vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                       const LayerGradients& out) const {
  // Kept with the program, so that a training step allocates nothing.
  const qsim::Loan<VjpBuffers> buffers(program_.prepared, 0,
                                       [] { return std::make_unique<VjpBuffers>(); });
  const Batch batch = batch_of(call);
  if (source_.single)
    qml::vjp<float>(program_, batch, cotangents_of, *buffers, of_);
  else
    qml::vjp<double>(program_, batch, cotangents_of, *buffers, of_);
  const auto copy = [](const std::vector<double>& from, std::span<double> to) {
    std::copy_n(from.begin(), to.size(), to.begin());
  };
  copy(buffers->gradients.values, out.outputs);
  copy(buffers->gradients.inputs, out.by_inputs);
  copy(buffers->gradients.weights, out.by_parameters);
}

nlohmann::json CircuitLayer::to_json() const {
  return {{"kind", "circuit"},
          {"program", qsim::to_json(source_)},
          {"of", name_of(of_)},
          {"qubits", qubits_}};
}

}  // namespace qml
