#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "qsim/circuit/circuit.h"

// Circuits that encode a sample. Their parameters are its features x[0], x[1], … x[n_features−1].

namespace qml {

// Feature k is the angle of a rotation on qubit k mod n_qubits (0 for n_qubits: one qubit a
// feature). Where features outnumber qubits, further layers follow whose axes alternate, so that
// successive features on one qubit do not commute: the first has `rotation` ("rx", "ry" or "rz"),
// the second rz (ry where the first is rz), the third is like the first, and so on. An H goes
// before a first rz, which would only change the phase of |0⟩.
qsim::Circuit angle_map(int n_features, int n_qubits = 0, std::string_view rotation = "ry");

// The features are the amplitudes, normalised when the circuit runs, of ⌈log2 n_features⌉ qubits
// (at least one). Amplitudes can only be set once: no data re-uploading.
qsim::Circuit amplitude_map(int n_features);

// The second-order map of Havlíček et al. 2019 (arXiv:1804.11326), one qubit a feature, `reps`
// times: H on every qubit, RZ(2·x_i) on every qubit i, RZZ(2·(π−x_i)·(π−x_j)) on every pair (i, j)
// of the entanglement pattern (ansatz.h; layer = repetition).
//
// Qiskit's ZZFeatureMap writes P(2·x_i) and CX P(2·(π−x_i)·(π−x_j)) CX. P(θ) = e^{iθ/2} RZ(θ), so
// this circuit is Qiskit's times the global phase exp(−i·reps·(Σ x_i + Σ (π−x_i)(π−x_j))), which no
// expectation value and no kernel sees. With `products` the angles are x_i and x_i·x_j: the IQP
// embedding of PennyLane, IQPEmbedding.
qsim::Circuit iqp_map(int n_features, int reps = 2, std::string_view entanglement = "full",
                      bool products = false);

// A map by name: "angle", "amplitude", "iqp" or "zz" (the same). n_qubits is for angle; the others
// choose their own number and refuse any other (0 leaves it to the map). reps is for iqp. Throws
// ValueError for an unknown name.
qsim::Circuit make_feature_map(std::string_view name, int n_features, int n_qubits = 0,
                               int reps = 2);
std::vector<std::string_view> feature_map_names();

// Data re-uploading (Pérez-Salinas, Cervera-Lierta, Gil-Fuster, Latorre 2020, arXiv:1907.02085):
// the feature map, layers[0], the feature map again, layers[1], and so on. With scale_inputs, the
// k-th parameter of the map (in order of appearance, of d) is multiplied by the weight s[l·d + k]
// in layer l, so that training chooses the frequencies of the model; start those weights at 1.
qsim::Circuit reupload(const qsim::Circuit& feature_map, std::span<const qsim::Circuit> layers,
                       bool scale_inputs = false);

}  // namespace qml
