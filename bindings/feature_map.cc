#include "qml/circuits/feature_map.h"

#include "bindings/common.h"
#include "qml/circuits/ansatz.h"

namespace ketgrad {

void bind_feature_map(py::module_& m) {
  m.def(
      "angle_map", &qml::angle_map, py::arg("n_features"), py::arg("n_qubits") = 0,
      py::arg("rotation") = "ry",
      R"(Each feature x[k] as the angle of a rotation on qubit k mod n_qubits (0: one qubit a feature).

>>> angle_map(2).parameters
['x[0]', 'x[1]']
)");
  m.def(
      "amplitude_map", &qml::amplitude_map, py::arg("n_features"),
      R"(The features as amplitudes, normalised when the circuit runs, on ceil(log2(n_features)) qubits.

>>> amplitude_map(8).n_qubits
3
)");
  m.def("iqp_map", &qml::iqp_map, py::arg("n_features"), py::arg("reps") = 2,
        py::arg("entanglement") = "full", py::arg("products") = false,
        R"(The second-order (ZZ) feature map of Havlicek et al. 2019 (arXiv:1804.11326).

H on every qubit, RZ(2 x_i), and RZZ(2 (pi - x_i)(pi - x_j)) on the pairs of the pattern, reps times:
Qiskit's ZZFeatureMap, but for a global phase. With products the angles are x_i and x_i x_j: PennyLane's
IQPEmbedding, n_repeats=reps.

>>> iqp_map(3, reps=1).count_gates()
{'h': 3, 'rz': 3, 'rzz': 3}
>>> iqp_map(2, products=True).count_gates()
{'h': 4, 'rz': 4, 'rzz': 2}
)");
  m.def("feature_map", &qml::make_feature_map, py::arg("name"), py::arg("n_features"),
        py::arg("n_qubits") = 0, py::arg("reps") = 2,
        R"(A feature map by name: 'angle', 'amplitude', 'iqp' or 'zz'.

>>> feature_map('angle', 3).n_qubits
3
)");
  m.def("feature_map_names", &qml::feature_map_names, "The names feature_map() takes.");
  m.def(
      "reupload",
      [](const qsim::Circuit& map, const std::vector<qsim::Circuit>& layers, bool scale_inputs) {
        return qml::reupload(map, layers, scale_inputs);
      },
      py::arg("feature_map"), py::arg("layers"), py::arg("scale_inputs") = false,
      R"(Data re-uploading (Perez-Salinas et al. 2020, arXiv:1907.02085): the map before every layer.

With scale_inputs, layer l multiplies parameter k of the map by the weight s[l * d + k].

>>> reupload(angle_map(2), ansatz_layers('basic_entangler', 2, n_layers=3)).count_gates()
{'cx': 3, 'rx': 6, 'ry': 6}
)");
  m.def("entangling_pairs", &qml::entangling_pairs, py::arg("pattern"), py::arg("n_qubits"),
        py::arg("layer") = 0,
        R"(The (control, target) pairs of an entanglement pattern.

>>> entangling_pairs('ring', 3)
[(0, 1), (1, 2), (2, 0)]
)");
  m.def("entanglement_names", &qml::entanglement_names, "The names of the entanglement patterns.");
  m.def("hardware_efficient", &qml::hardware_efficient, py::arg("n_qubits"), py::arg("n_layers"),
        py::arg("pattern") = "ring",
        R"(RX RY RZ on every qubit, then CNOTs on the pairs of the pattern, n_layers times.

3 * n_qubits * n_layers weights w[k] (Kandala et al. 2017, arXiv:1704.05018).

>>> len(hardware_efficient(4, 2).parameters)
24
)");
  m.def(
      "strongly_entangling", &qml::strongly_entangling, py::arg("n_qubits"), py::arg("n_layers"),
      R"(RZ RY RZ on every qubit and CNOTs of growing range (Schuld et al. 2020, arXiv:1804.00633).

>>> strongly_entangling(3, 2).count_gates()
{'cx': 6, 'ry': 6, 'rz': 12}
)");
  m.def("basic_entangler", &qml::basic_entangler, py::arg("n_qubits"), py::arg("n_layers"),
        py::arg("rotation") = "rx",
        R"(One rotation on every qubit, then a ring of CNOTs, n_layers times.

>>> basic_entangler(3, 1).count_gates()
{'cx': 3, 'rx': 3}
)");
  m.def("two_local", &qml::two_local, py::arg("n_qubits"), py::arg("n_layers"),
        py::arg_v("rotations", std::vector<std::string>{"ry", "rz"}, "('ry', 'rz')"),
        py::arg("entangler") = "cx", py::arg("pattern") = "linear",
        py::arg("final_rotation") = true,
        R"(Any rotations and any two-qubit entangler on any pattern, n_layers times.

>>> two_local(3, 1, ['ry'], 'crx', 'full', final_rotation=False).count_gates()
{'crx': 3, 'ry': 3}
)");
  m.def(
      "ansatz", &qml::make_ansatz, py::arg("name"), py::arg("n_qubits"), py::arg("n_layers"),
      py::arg("entangle") = true,
      R"(An ansatz by name; entangle=False leaves out its entangling gates (the separable ablation).

>>> ansatz('basic_entangler', 2, 1, entangle=False).count_gates()
{'rx': 2}
)");
  m.def("ansatz_layers", &qml::ansatz_layers, py::arg("name"), py::arg("n_qubits"),
        py::arg("n_layers"), py::arg("entangle") = true,
        R"(The layers of an ansatz, each with its own range of the weights w.

>>> len(ansatz_layers('two_local', 2, 3))
3
)");
  m.def("ansatz_names", &qml::ansatz_names, "The names ansatz() takes.");
}

}  // namespace ketgrad
