#pragma once

#include <string>
#include <vector>

#include "qml/models/model.h"

namespace qml {

// The circuits a model is usually made of, by name.
struct ModelOptions {
  std::string feature_map = "angle";           // feature_map.h
  std::string ansatz = "strongly_entangling";  // ansatz.h
  int n_qubits = 0;                            // 0: one a feature, at most 8
  int n_layers = 3;
  bool reupload = true;       // the feature map before every layer instead of once
  bool scale_inputs = false;  // trainable factors on the re-uploaded inputs
  bool entangle = true;       // false: the separable ablation
  bool single_precision = false;
};

// The circuit: feature map and layers, with parameters x[…] (inputs), w[…] and s[…] (weights).
qsim::Circuit model_circuit(const ModelOptions& options, int n_features, int n_outputs);

// One observable an output: Z on each qubit, then X, then Y. Throws ValueError for more than 3n.
std::vector<qsim::PauliSum> readout(int n_qubits, int n_outputs);

Model make_model(const ModelOptions& options, int n_features, int n_outputs);

}  // namespace qml
