#include "qml/models/presets.h"

#include <algorithm>

#include "qml/ansatz.h"
#include "qml/feature_map.h"
#include "qsim/core/error.h"

namespace qml {
namespace {

constexpr int kMostQubitsUnasked = 8;
constexpr int kAxes = 3;

std::vector<std::string> input_names(int n_features) {
  std::vector<std::string> names;
  for (const auto& x : qsim::ParameterVector("x", n_features)) names.push_back(x.name);
  return names;
}

// Angle maps wrap features round the qubits; the other maps choose their own number.
int angle_qubits(const ModelOptions& options, int n_features, int n_outputs) {
  if (options.n_qubits != 0 || options.feature_map != "angle") return options.n_qubits;
  const int for_outputs = (n_outputs + kAxes - 1) / kAxes;
  return std::max(std::min(n_features, kMostQubitsUnasked), for_outputs);
}

}  // namespace

qsim::Circuit model_circuit(const ModelOptions& options, int n_features, int n_outputs) {
  const qsim::Circuit map = make_feature_map(options.feature_map, n_features,
                                             angle_qubits(options, n_features, n_outputs));
  const auto layers =
      ansatz_layers(options.ansatz, map.n_qubits(), options.n_layers, options.entangle);
  // Amplitudes can be set only once.
  if (options.reupload && options.feature_map != "amplitude") {
    return reupload(map, layers, options.scale_inputs);
  }
  qsim::Circuit out = map;
  for (const qsim::Circuit& layer : layers) out.compose(layer);
  return out;
}

std::vector<qsim::PauliSum> readout(int n_qubits, int n_outputs) {
  qsim::require(n_outputs >= 1 && n_outputs <= kAxes * n_qubits, "a model on ", n_qubits,
                " qubit(s) has 1 to ", kAxes * n_qubits, " outputs, not ", n_outputs);
  std::vector<qsim::PauliSum> out;
  for (int k = 0; k < n_outputs; ++k) {
    const std::vector<qsim::Qubit> qubit{k % n_qubits};
    const std::string letter(1, "ZXY"[k / n_qubits]);
    out.emplace_back(n_qubits,
                     std::vector<qsim::PauliTerm>{{1.0, qsim::PauliString::on(letter, qubit)}});
  }
  return out;
}

Model make_model(const ModelOptions& options, int n_features, int n_outputs) {
  qsim::Circuit circuit = model_circuit(options, n_features, n_outputs);
  const int n_qubits = circuit.n_qubits();
  return {std::move(circuit), readout(n_qubits, n_outputs), input_names(n_features),
          options.single_precision};
}

}  // namespace qml
