"""A circuit between two dense layers, which embeds any number of features in a few qubits.

The rotation of qubit j before layer l is by w(l, j) · x + b(l, j), all of it trained (data
re-uploading as Pérez-Salinas et al. 2020, arXiv:1907.02085, have it), and the outputs are linear
in what is measured (a dressed circuit: Mari et al. 2020, arXiv:1912.08278).
"""

from collections.abc import Callable
from typing import Any

from ketgrad._core import Chain, Circuit, Dense, Layer, ParameterVector, PauliSum, ansatz_layers
from ketgrad._words import plain
from ketgrad.estimators.base import MOST_QUBITS

Measure = Callable[[Circuit, Any, ParameterVector], Layer]  # circuit, observables, inputs


def can_be_dressed(estimator: Any) -> bool:
    """Tell whether the parameters choose a circuit by names and numbers alone."""
    return _why_not(estimator) is None and estimator.observables is None


def _why_not(estimator: Any) -> str | None:
    for name, fits in (
        ("feature_map", estimator.feature_map == "angle"),
        ("ansatz", isinstance(estimator.ansatz, str)),
        ("scale_inputs", not estimator.scale_inputs),
        ("model", estimator.model is None),
        ("optimizer", estimator.optimizer != "qng"),  # it is for a single circuit
    ):
        if not fits:
            return f"{name}={plain(getattr(estimator, name))!r}"
    return None


def dressed(estimator: Any, n_outputs: int, measure: Measure) -> Chain:
    """Make the layers; ValueError for parameters that ask for what they do not have."""
    why_not = _why_not(estimator)
    if why_not is not None:
        raise ValueError(
            f"dressed=True does not go with {why_not}; it takes the angle map, a named ansatz, "
            f"and an optimizer of layers, and has factors of the features of its own"
        )
    n_features = estimator.n_features_in_
    n_qubits = min(n_features, MOST_QUBITS) if estimator.n_qubits is None else estimator.n_qubits
    layers = ansatz_layers(
        estimator.ansatz, n_qubits, estimator.n_layers, entangle=bool(estimator.entangle)
    )
    n_uploads = len(layers) if estimator.reupload else 1
    x = ParameterVector("x", n_qubits * n_uploads)
    circuit = Circuit(n_qubits)
    for k, layer in enumerate(layers):
        for qubit in range(n_qubits if k < n_uploads else 0):
            circuit.ry(x[k * n_qubits + qubit], qubit)
        circuit = circuit.compose(layer)
    observables = estimator.observables
    if observables is None:
        observables = [f"{pauli}{qubit}" for pauli in "ZXY" for qubit in range(n_qubits)]
    elif isinstance(observables, PauliSum | str):
        observables = [observables]
    measured = measure(circuit, observables, x)
    return Chain([Dense(n_features, len(x)), measured, Dense(measured.n_outputs, n_outputs)])
