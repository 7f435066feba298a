#include "qml/models/presets.h"

#include <algorithm>
#include <map>
#include <utility>

#include "qml/circuits/ansatz.h"
#include "qml/circuits/feature_map.h"
#include "qsim/circuit/room.h"
#include "qsim/core/error.h"

namespace qml {
namespace {

using qsim::Circuit;
using qsim::concat;
using qsim::require;

constexpr int kMostQubitsUnasked = 8;
constexpr std::string_view kAxes = "ZXY";

int groups_of(int n_outputs) {
  constexpr int kAxisCount = static_cast<int>(kAxes.size());
  return (n_outputs + kAxisCount - 1) / kAxisCount;
}

std::vector<std::string> input_names(int n_features) {
  qsim::require_names(2.0 * n_features, "the inputs");
  std::vector<std::string> names;
  for (const auto& x : qsim::ParameterVector("x", n_features)) names.push_back(x.name);
  return names;
}

// Angle maps wrap features round the qubits; the other maps choose their own number.
int qubits_asked(const ModelOptions& options, int n_features, int n_outputs) {
  const auto* const name = std::get_if<std::string>(&options.feature_map);
  if (options.n_qubits != 0 || name == nullptr || *name != "angle") return options.n_qubits;
  if (const auto* const layer = std::get_if<Circuit>(&options.ansatz)) return layer->n_qubits();
  return std::max(std::min(n_features, kMostQubitsUnasked), groups_of(n_outputs));
}

// A circuit as a part of a model, without classical bits, which would have no use.
Circuit gates_of(const Circuit& own, std::string_view what) {
  for (const qsim::Operation& op : own.operations()) {
    const bool acts = is_gate(*op.row) || op.row->kind == qsim::GateKind::kInitialize ||
                      op.row->kind == qsim::GateKind::kBarrier;
    require(
        acts && !op.condition, "the ", what, " has ",
        acts ? concat("a gate '", common_name(op), "' that depends on classical bits")
             : concat("a '", op.row->name, "'"),
        "; the circuits of a model have gates only, and without_final_measurements() leaves out ",
        "what is measured at the end");
  }
  return own.n_bits() > 0 ? own.without_final_measurements() : own;
}

void check_parameters(const Circuit& feature_map, int n_features) {
  std::vector<std::string> expected = input_names(n_features);
  std::vector<std::string> found = feature_map.parameters();
  std::string list;
  for (const std::string& name : found) list += concat(list.empty() ? "" : ", ", name);
  std::ranges::sort(expected);
  std::ranges::sort(found);
  require(found == expected, "a feature map for ", n_features,
          " features has the parameters x[0] to x[", n_features - 1, "]; this circuit has ",
          list.empty() ? "none" : list);
}

Circuit encoder(const ModelOptions& options, int n_features, int n_outputs, int reps = 2) {
  qsim::require_names(2.0 * n_features, "the inputs");
  if (const auto* const name = std::get_if<std::string>(&options.feature_map)) {
    return make_feature_map(*name, n_features, qubits_asked(options, n_features, n_outputs), reps);
  }
  Circuit own = gates_of(std::get<Circuit>(options.feature_map), "feature map");
  check_parameters(own, n_features);
  require(options.n_qubits == 0 || options.n_qubits == own.n_qubits(),
          "n_qubits=", options.n_qubits, ", but the feature map has ", own.n_qubits(), " qubits");
  return own;
}

// The layer with the weights from w[first] on, of `total`.
Circuit renamed(const Circuit& layer, std::span<const std::string> names, std::size_t first,
                std::size_t total) {
  std::map<std::string, qsim::Expression> weights;
  for (std::size_t k = 0; k < names.size(); ++k) {
    weights[names[k]] = qsim::Parameter("w", static_cast<int>(first + k), static_cast<int>(total));
  }
  return layer.assign(weights);
}

std::vector<Circuit> layers(const ModelOptions& options, int n_qubits) {
  if (const auto* const name = std::get_if<std::string>(&options.ansatz)) {
    return ansatz_layers(*name, n_qubits, options.n_layers, options.entangle);
  }
  const Circuit own = gates_of(std::get<Circuit>(options.ansatz), "ansatz");
  require(own.n_qubits() == n_qubits, "the ansatz has ", own.n_qubits(),
          " qubits, but the feature map ", n_qubits);
  require(options.entangle, "entangle=False needs an ansatz given by name");
  require(options.n_layers >= 1, "n_layers=", options.n_layers, "; it must be at least 1");
  qsim::require_operations(2.0 * options.n_layers * static_cast<double>(own.size() + 1),
                           "an ansatz");
  const std::vector<std::string> names = own.parameters();
  const auto n_layers = static_cast<std::size_t>(options.n_layers);
  const std::size_t total = n_layers * names.size();
  require(total <= std::size_t{qsim::kMostElements}, n_layers, " layers of ", names.size(),
          " weights are above the limit of ", qsim::kMostElements);
  std::vector<Circuit> out;
  for (std::size_t k = 0; k < n_layers; ++k) {
    out.push_back(renamed(own, names, k * names.size(), total));
  }
  return out;
}

// Amplitudes can be set only once.
bool sets_amplitudes(const Circuit& circuit) {
  return std::ranges::any_of(circuit.operations(), [](const qsim::Operation& op) {
    return op.row->kind == qsim::GateKind::kInitialize;
  });
}

}  // namespace

Circuit model_circuit(const ModelOptions& options, int n_features, int n_outputs) {
  const Circuit map = encoder(options, n_features, n_outputs);
  const std::vector<Circuit> trainable = layers(options, map.n_qubits());
  if (options.reupload && !sets_amplitudes(map)) {
    return reupload(map, trainable, options.scale_inputs);
  }
  Circuit out = map;
  for (const Circuit& layer : trainable) out.compose(layer);
  return out;
}

Circuit embedding_circuit(const EmbeddingOptions& options, int n_features) {
  require(options.n_layers >= 1, "n_layers=", options.n_layers, "; it must be at least 1");
  ModelOptions parts{.feature_map = options.feature_map,
                     .n_qubits = options.n_qubits,
                     .n_layers = options.n_layers,
                     .entangle = options.entangle};
  if (options.ansatz) parts.ansatz = *options.ansatz;
  const Circuit map = encoder(parts, n_features, 1, 1);
  const bool once = sets_amplitudes(map);
  Circuit out = map;
  if (options.ansatz) {
    const std::vector<Circuit> trainable = layers(parts, map.n_qubits());
    if (!once) return reupload(map, trainable);
    for (const Circuit& layer : trainable) out.compose(layer);
    return out;
  }
  for (int k = 1; k < options.n_layers && !once; ++k) out.compose(map);
  return out;
}

std::vector<qsim::PauliSum> readout(int n_qubits, int n_outputs) {
  require(n_qubits >= 1 && n_qubits <= qsim::kMaxQubits, "number of qubits ", n_qubits,
          " is outside [1, ", qsim::kMaxQubits, "]");
  const int most = static_cast<int>(kAxes.size()) * n_qubits;
  require(n_outputs >= 1 && n_outputs <= most, "a model on ", n_qubits, " qubit(s) has 1 to ", most,
          " outputs, not ", n_outputs);
  const int n_groups = groups_of(n_outputs);
  std::vector<qsim::PauliSum> out;
  for (int k = 0; k < n_outputs; ++k) {
    const std::string letter(1, kAxes[static_cast<std::size_t>(k / n_groups)]);
    std::vector<qsim::PauliTerm> terms;
    for (qsim::Qubit q = k % n_groups; q < n_qubits; q += n_groups) {
      terms.push_back({1.0, qsim::PauliString::on(letter, std::vector{q})});
    }
    out.emplace_back(n_qubits, terms);
  }
  return out;
}

Model make_model(const ModelOptions& options, int n_features, int n_outputs) {
  Circuit circuit = model_circuit(options, n_features, n_outputs);
  const auto observables =
      options.observables ? *options.observables : readout(circuit.n_qubits(), n_outputs);
  require(observables.size() == static_cast<std::size_t>(n_outputs), observables.size(),
          " observables were given; this task needs ", n_outputs);
  return {std::move(circuit), observables, input_names(n_features), options.single_precision};
}

}  // namespace qml
