"""The model behind an estimator, from named parts or from circuits of the user's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ketgrad._core import (
    Circuit,
    Model,
    Parameter,
    PauliSum,
    ansatz_layers,
    feature_map,
    make_model,
    reupload,
)


@dataclass(frozen=True)
class Architecture:
    """What circuit to build; the fields are parameters of the estimators."""

    feature_map: str | Circuit
    ansatz: str | Circuit
    n_qubits: int | None
    n_layers: int
    reupload: bool
    scale_inputs: bool
    entangle: bool
    observables: Sequence[PauliSum] | None
    precision: str

    def build(self, n_features: int, n_outputs: int) -> Model:
        """Build the model, its parameters not yet initialized."""
        if isinstance(self.feature_map, str) and isinstance(self.ansatz, str):
            read = n_outputs if self.observables is None else 1
            model = self._named(self.feature_map, self.ansatz, n_features, read)
            if self.observables is None:
                return model
            circuit = model.circuit
        else:
            circuit = self._composed(n_features)
        observables = (
            readout(circuit.n_qubits, n_outputs)
            if self.observables is None
            else list(self.observables)
        )
        if len(observables) != n_outputs:
            raise ValueError(
                f"{len(observables)} observables were given; this task needs {n_outputs}"
            )
        return Model(circuit, observables, input_names(n_features), self.precision)

    def _named(self, feature_map: str, ansatz: str, n_features: int, n_outputs: int) -> Model:
        return make_model(
            n_features,
            n_outputs,
            feature_map=feature_map,
            ansatz=ansatz,
            n_qubits=0 if self.n_qubits is None else self.n_qubits,
            n_layers=self.n_layers,
            reupload=self.reupload,
            scale_inputs=self.scale_inputs,
            entangle=self.entangle,
            precision=self.precision,
        )

    def _composed(self, n_features: int) -> Circuit:
        encoder = self._encoder(n_features)
        layers = self._layers(encoder.n_qubits)
        # Amplitudes can be set only once.
        if self.reupload and self.feature_map != "amplitude":
            return reupload(encoder, layers, self.scale_inputs)
        circuit = encoder
        for layer in layers:
            circuit.compose(layer)
        return circuit

    def _encoder(self, n_features: int) -> Circuit:
        if isinstance(self.feature_map, str):
            return feature_map(self.feature_map, n_features, self._angle_qubits())
        expected, found = input_names(n_features), self.feature_map.parameters
        if sorted(found) != sorted(expected):
            raise ValueError(
                f"a feature map for {n_features} features has the parameters "
                f"x[0] to x[{n_features - 1}]; this circuit has {', '.join(found) or 'none'}"
            )
        return Circuit(self.feature_map.n_qubits).compose(self.feature_map)

    def _angle_qubits(self) -> int:
        """Find how many qubits to ask of a named map; 0 leaves it to the map."""
        if self.n_qubits is None and self.feature_map == "angle":
            return 0 if isinstance(self.ansatz, str) else self.ansatz.n_qubits
        return self.n_qubits or 0

    def _layers(self, n_qubits: int) -> list[Circuit]:
        if self.n_qubits not in (None, 0, n_qubits):
            raise ValueError(f"n_qubits={self.n_qubits}, but the feature map has {n_qubits} qubits")
        if isinstance(self.ansatz, str):
            return ansatz_layers(self.ansatz, n_qubits, self.n_layers, self.entangle)
        if self.ansatz.n_qubits != n_qubits:
            raise ValueError(
                f"the ansatz has {self.ansatz.n_qubits} qubits, but the feature map {n_qubits}"
            )
        if not self.entangle:
            raise ValueError("entangle=False needs an ansatz given by name")
        if self.n_layers < 1:
            raise ValueError(f"n_layers={self.n_layers}; it must be at least 1")
        return [_layer(self.ansatz, index) for index in range(self.n_layers)]


def readout(n_qubits: int, n_outputs: int) -> list[PauliSum]:
    """One observable an output: Z on each qubit, then X, then Y, as make_model reads."""
    if n_outputs > 3 * n_qubits:
        raise ValueError(f"{n_qubits} qubits have {3 * n_qubits} outputs, not {n_outputs}")
    return [
        PauliSum.from_sparse([("ZXY"[k // n_qubits], [k % n_qubits], 1.0)], n_qubits)
        for k in range(n_outputs)
    ]


def input_names(n_features: int) -> list[str]:
    """List the parameters that carry a sample."""
    return [f"x[{k}]" for k in range(n_features)]


def _layer(ansatz: Circuit, index: int) -> Circuit:
    """Give the circuit weights of its own in every layer."""
    names = ansatz.parameters
    first = index * len(names)
    values: dict[str, Any] = {name: Parameter(f"w[{first + k}]") for k, name in enumerate(names)}
    return ansatz.assign(values)
