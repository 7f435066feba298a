#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "qml/models/model.h"

namespace qml {

// A part of a model: a name, or a circuit of one's own.
using CircuitPart = std::variant<std::string, qsim::Circuit>;

struct ModelOptions {
  // A name of feature_map.h, or a circuit whose parameters are x[0] … x[n_features−1].
  CircuitPart feature_map = "angle";
  // A name of ansatz.h, or a circuit that is one layer; it gets weights w[…] of its own in each.
  CircuitPart ansatz = "strongly_entangling";
  int n_qubits = 0;  // 0: one a feature, at most 8 (unless a part is a circuit: as many as that)
  int n_layers = 3;
  bool reupload = true;       // the feature map before every layer instead of once
  bool scale_inputs = false;  // trainable factors on the re-uploaded inputs
  bool entangle = true;       // false: the separable ablation, of a named ansatz
  bool single_precision = false;
  std::optional<std::vector<qsim::PauliSum>> observables = std::nullopt;  // none: readout()
};

// The circuit: feature map and layers, with parameters x[…] (inputs), w[…] and s[…] (weights).
// Throws ValueError for parts that do not fit each other.
qsim::Circuit model_circuit(const ModelOptions& options, int n_features, int n_outputs);

// The circuit of a kernel: the feature map (one repetition of it), then a layer of the ansatz,
// n_layers times; without an ansatz the feature map alone. A map that sets amplitudes stands once.
struct EmbeddingOptions {
  CircuitPart feature_map = "angle";
  std::optional<CircuitPart> ansatz = std::nullopt;
  int n_qubits = 0;
  int n_layers = 1;
  bool entangle = true;
};
// Throws ValueError for parts that do not fit each other.
qsim::Circuit embedding_circuit(const EmbeddingOptions& options, int n_features);

// One observable an output, each a sum over a group of qubits: up to three outputs read ΣZ, ΣX and
// ΣY of all qubits. More outputs share the qubits out, in ⌈n_outputs/3⌉ groups (qubit q belongs to
// group q mod their number): Z of each group, then X, then Y. A single qubit would see only its own
// features where nothing entangles. Throws ValueError for more than 3n.
std::vector<qsim::PauliSum> readout(int n_qubits, int n_outputs);

// Throws ValueError for parts, or a number of observables, that do not fit.
Model make_model(const ModelOptions& options, int n_features, int n_outputs);

}  // namespace qml
