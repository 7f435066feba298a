#include "qml/models/layers/noisy_layer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace qml {
namespace {

// Every row's inputs, then the parameters, as noisy programs take them.
std::vector<double> noisy_rows(const LayerCall& call, std::size_t n_inputs) {
  std::vector<double> out;
  out.reserve(call.rows * (n_inputs + call.parameters.size()));
  for (std::size_t row = 0; row < call.rows; ++row) {
    const auto inputs = call.inputs.subspan(row * n_inputs, n_inputs);
    out.insert(out.end(), inputs.begin(), inputs.end());
    out.insert(out.end(), call.parameters.begin(), call.parameters.end());
  }
  return out;
}

}  // namespace

NoisyLayer::NoisyLayer(qsim::ProgramSource source)
    : source_(std::move(source)),
      program_(source_.circuit, source_.observables, source_.inputs, source_.weights) {}

void NoisyLayer::forward(const LayerCall& call, std::span<double> outputs) const {
  if (call.rows == 0) return;
  const std::vector<double> rows = noisy_rows(call, n_inputs());
  const NoisyValues found = source_.single ? noisy_expval<float>(program_, rows, {}, call.rows)
                                           : noisy_expval<double>(program_, rows, {}, call.rows);
  std::ranges::copy(found.values, outputs.begin());
}

void NoisyLayer::vjp(const LayerCall& call, const CotangentsOf& cotangents_of,
                     const LayerGradients& out, Asking /*asking*/) const {
  if (call.rows == 0) return vjp_of_no_rows(cotangents_of, out);
  std::vector<double> outputs(call.rows * n_outputs());
  std::vector<double> cotangents(outputs.size());
  forward(call, outputs);
  cotangents_of(0, call.rows, outputs, cotangents);
  std::ranges::copy(std::span(outputs).first(out.outputs.size()), out.outputs.begin());
  const std::vector<double> rows = noisy_rows(call, n_inputs());
  const std::vector<double> found = source_.single
                                        ? noisy_vjp<float>(program_, rows, cotangents, call.rows)
                                        : noisy_vjp<double>(program_, rows, cotangents, call.rows);
  std::ranges::fill(out.by_parameters, 0.0);
  const std::size_t width = n_inputs() + n_parameters();
  for (std::size_t row = 0; row < call.rows; ++row) {
    const auto of_row = std::span(found).subspan(row * width, width);
    if (!out.by_inputs.empty()) {
      std::ranges::copy(of_row.first(n_inputs()), out.by_inputs.subspan(row * n_inputs()).begin());
    }
    for (std::size_t k = 0; k < out.by_parameters.size(); ++k) {
      out.by_parameters[k] += of_row[n_inputs() + k];
    }
  }
}

nlohmann::json NoisyLayer::to_json() const {
  return {{"kind", "noisy"}, {"program", qsim::to_json(source_)}};
}

}  // namespace qml
