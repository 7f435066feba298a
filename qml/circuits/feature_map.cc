#include "qml/circuits/feature_map.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <memory>
#include <numbers>
#include <string>

#include "qml/circuits/ansatz.h"
#include "qsim/circuit/room.h"
#include "qsim/core/error.h"

namespace qml {

using qsim::Circuit;
using qsim::concat;
using qsim::Expression;
using qsim::fail;
using qsim::Parameter;
using qsim::ParameterVector;
using qsim::Qubit;
using qsim::require;

namespace {

void check_features(int n_features) {
  require(n_features >= 1, "a feature map needs at least 1 feature, got ", n_features);
}

ParameterVector inputs(int n_features) {
  check_features(n_features);
  return {"x", n_features};
}

// The axis that alternates with a rotation's own.
std::string_view other_rotation(std::string_view rotation) {
  if (rotation == "rx" || rotation == "ry") return "rz";
  if (rotation == "rz") return "ry";
  fail("an angle map rotates by rx, ry or rz, not by '", rotation, "'");
}

struct FeatureMapRow {
  std::string_view name;
  bool any_qubits;  // whether the number of qubits can be chosen
  Circuit (*make)(int n_features, int n_qubits, int reps);
};

Circuit make_angle(int n_features, int n_qubits, int /*reps*/) {
  return angle_map(n_features, n_qubits);
}

Circuit make_amplitude(int n_features, int /*n_qubits*/, int /*reps*/) {
  return amplitude_map(n_features);
}

Circuit make_iqp(int n_features, int /*n_qubits*/, int reps) { return iqp_map(n_features, reps); }

constexpr std::array kFeatureMaps{
    FeatureMapRow{"angle", true, make_angle},
    FeatureMapRow{"amplitude", false, make_amplitude},
    FeatureMapRow{"iqp", false, make_iqp},
    FeatureMapRow{"zz", false, make_iqp},
};

// The parameters that a circuit uses, in the order of its parameters().
std::vector<Parameter> in_order(const Circuit& circuit) {
  std::map<std::string, Parameter> used;
  for (const Parameter& p : circuit.used_parameters()) used.emplace(p.name, p);
  std::vector<Parameter> out;
  for (const std::string& name : circuit.parameters()) {
    const auto found = used.find(name);
    out.push_back(found == used.end() ? Parameter(name) : found->second);
  }
  return out;
}

// The map whose k-th parameter is multiplied by scales[k].
Circuit scaled(const Circuit& feature_map, std::span<const Parameter> parameters,
               std::span<const Parameter> scales) {
  std::map<std::string, Expression> values;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    values[parameters[k].name] = Expression(scales[k]) * Expression(parameters[k]);
  }
  return feature_map.assign(values);
}

// Of a circuit that is repeated within another.
void require_gates_alone(const Circuit& circuit, const std::string& what) {
  require(circuit.n_bits() == 0, "data re-uploading repeats circuits of gates alone; ", what,
          " has ", circuit.n_bits(), " classical bit(s) to measure into");
}

int most_qubits(const Circuit& feature_map, std::span<const Circuit> layers) {
  int n = feature_map.n_qubits();
  for (const Circuit& layer : layers) n = std::max(n, layer.n_qubits());
  return n;
}

}  // namespace

Circuit angle_map(int n_features, int n_qubits, std::string_view rotation) {
  const std::array<std::string_view, 2> axes{rotation, other_rotation(rotation)};
  check_features(n_features);
  Circuit out(n_qubits == 0 ? n_features : n_qubits);
  qsim::require_operations(n_features, "an angle map");
  const ParameterVector x = inputs(n_features);
  for (int k = 0; k < n_features; ++k) {
    const Qubit q = k % out.n_qubits();
    const int layer = k / out.n_qubits();
    if (layer == 0 && rotation == "rz") out.h(q);
    out.gate(axes[static_cast<std::size_t>(layer % 2)], {x.at(k)}, {q});
  }
  return out;
}

Circuit amplitude_map(int n_features) {
  check_features(n_features);
  qsim::require_operations(n_features, "amplitudes in the place");  // an expression each
  const ParameterVector x = inputs(n_features);
  const auto largest_index = static_cast<unsigned>(std::max(n_features, 2) - 1);
  return Circuit(static_cast<int>(std::bit_width(largest_index))).initialize({x.begin(), x.end()});
}

Circuit iqp_map(int n_features, int reps, std::string_view entanglement, bool products) {
  require(reps >= 1, "an IQP map has at least 1 repetition, got ", reps);
  check_features(n_features);
  const auto pairs = static_cast<double>(entangling_pairs(entanglement, n_features).size());
  qsim::require_operations(reps * (2.0 * n_features + pairs), "an IQP map");
  const ParameterVector x = inputs(n_features);
  const double scale = products ? 1.0 : 2.0;
  const auto factor = [&](Qubit q) {
    return products ? Expression(x.at(q)) : std::numbers::pi - Expression(x.at(q));
  };
  Circuit out(n_features);
  for (int r = 0; r < reps; ++r) {
    for (Qubit q = 0; q < n_features; ++q) out.h(q);
    for (Qubit q = 0; q < n_features; ++q) out.rz(scale * Expression(x.at(q)), q);
    for (const auto& [i, j] : entangling_pairs(entanglement, n_features, r)) {
      out.rzz(scale * factor(i) * factor(j), i, j);
    }
  }
  return out;
}

Circuit make_feature_map(std::string_view name, int n_features, int n_qubits, int reps) {
  std::string known;
  for (const FeatureMapRow& row : kFeatureMaps) {
    known += concat(known.empty() ? "" : ", ", row.name);
    if (row.name != name) continue;
    Circuit out = row.make(n_features, n_qubits, reps);
    require(row.any_qubits || n_qubits == 0 || n_qubits == out.n_qubits(), "feature map '", name,
            "' encodes ", n_features, " feature(s) in ", out.n_qubits(), " qubit(s), not in ",
            n_qubits);
    return out;
  }
  fail("there is no feature map named '", name, "'; the names are ", known);
}

std::vector<std::string_view> feature_map_names() {
  std::vector<std::string_view> names;
  for (const FeatureMapRow& row : kFeatureMaps) names.push_back(row.name);
  return names;
}

Circuit reupload(const Circuit& feature_map, std::span<const Circuit> layers, bool scale_inputs) {
  require(!layers.empty(), "data re-uploading needs at least one layer");
  require_gates_alone(feature_map, "the feature map");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    require_gates_alone(layers[l], concat("layer ", l));
  }
  const std::vector<Parameter> features = in_order(feature_map);
  const std::size_t n_scales = scale_inputs ? layers.size() * features.size() : 0;
  require(n_scales <= std::size_t{qsim::kMostElements}, "data re-uploading ", layers.size(),
          " times with ", features.size(), " scales each is above the limit of ",
          qsim::kMostElements, " scales");
  const ParameterVector scales("s", static_cast<int>(n_scales));
  Circuit out(most_qubits(feature_map, layers));
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const auto own = [&] {
      const std::span<const Parameter> all(std::to_address(scales.begin()), scales.size());
      return all.subspan(l * features.size(), features.size());
    };
    out.compose(scale_inputs ? scaled(feature_map, features, own()) : feature_map);
    out.compose(layers[l]);
  }
  return out;
}

}  // namespace qml
