#include "qml/models/presets.h"

#include "bindings/arguments.h"

namespace ketgrad {

void bind_presets(py::module_& m) {
  m.def("readout", &qml::readout, py::arg("n_qubits"), py::arg("n_outputs"),
        R"(The observables make_model reads: sums of Z, then X, then Y over groups of qubits.

Up to three outputs read all qubits; more share the qubits out, up to 3 * n_qubits of them. Raises
ValueError for more.

>>> readout(3, 2)
[PauliSum('IIZ + IZI + ZII'), PauliSum('IIX + IXI + XII')]
)");
  m.def(
      "embedding",
      [](int n_features, qml::CircuitPart feature_map, std::optional<qml::CircuitPart> ansatz,
         int n_qubits, int n_layers, bool entangle) {
        return qml::embedding_circuit(
            {std::move(feature_map), std::move(ansatz), n_qubits, n_layers, entangle}, n_features);
      },
      py::arg("n_features"), py::arg("feature_map") = "angle", py::arg("ansatz") = py::none(),
      py::arg("n_qubits") = 0, py::arg("n_layers") = 1, py::arg("entangle") = true,
      R"(The circuit of a quantum kernel: the feature map, then a layer of the ansatz, n_layers times.

feature_map and ansatz are names or circuits, as of make_model(); without an ansatz there are no
weights. A map that sets amplitudes stands once. Raises ValueError for parts that do not fit.

>>> embedding(2, 'iqp', n_layers=2).count_gates()
{'h': 4, 'rz': 4, 'rzz': 2}
>>> embedding(2, ansatz='basic_entangler', n_layers=2).parameters
['x[0]', 'x[1]', 'w[0]', 'w[1]', 'w[2]', 'w[3]']
)");
  m.def(
      "make_model",
      [](int n_features, int n_outputs, qml::CircuitPart feature_map, qml::CircuitPart ansatz,
         int n_qubits, int n_layers, bool reupload, bool scale_inputs, bool entangle,
         std::string_view precision, std::optional<PauliSumsArg> observables) {
        std::optional<std::vector<qsim::PauliSum>> sums;
        if (observables) sums = std::move(observables->value);
        return qml::make_model(
            {std::move(feature_map), std::move(ansatz), n_qubits, n_layers, reupload, scale_inputs,
             entangle, is_single(precision), std::move(sums)},
            n_features, n_outputs);
      },
      py::arg("n_features"), py::arg("n_outputs") = 1, py::arg("feature_map") = "angle",
      py::arg("ansatz") = "strongly_entangling", py::arg("n_qubits") = 0, py::arg("n_layers") = 3,
      py::arg("reupload") = true, py::arg("scale_inputs") = false, py::arg("entangle") = true,
      py::arg("precision") = "double", py::arg("observables") = py::none(),
      R"(A model: the feature map before every layer of the ansatz, then readout() or `observables`.

feature_map and ansatz are names or circuits: a map with the parameters x[0] to x[n_features - 1],
and one layer, whose every repetition has weights of its own. n_qubits=0 takes one qubit a feature,
at most 8. observables is a PauliSum, what it is made from such as 'ZI', or a list of those. Raises
ValueError for parts that do not fit each other.

>>> make_model(2, n_layers=2)
<ketgrad.Model: 2 qubits, 2 inputs, 1 outputs, 14 parameters>
>>> layer = Circuit(2).rx(Parameter('a'), 0).cx(0, 1)
>>> make_model(2, ansatz=layer, n_layers=2).circuit.parameters
['x[0]', 'x[1]', 'w[0]', 'w[1]']
)");
}

}  // namespace ketgrad
