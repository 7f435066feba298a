"""How a kernel's angle map takes more features than qubits."""

from typing import Any

from ketgrad._core import Circuit, ParameterVector
from ketgrad.estimators.base import MOST_QUBITS


def spread_map(feature_map: Any, n_features: int, n_qubits: int | None) -> Any:
    """Return the map, the angle map of more features than qubits as several layers.

    Each rotates every qubit by one feature, with a ring of CNOTs between them: rotations of one
    qubit about one axis, right after each other, would be told apart by the sum of angles alone.

    >>> spread_map("angle", 5, 2).count_gates()
    {'cx': 4, 'ry': 5}
    >>> spread_map("angle", 2, None)
    'angle'
    """
    n_qubits = min(n_features, MOST_QUBITS) if n_qubits is None else n_qubits
    if feature_map != "angle" or n_features <= n_qubits:
        return feature_map
    x = ParameterVector("x", n_features)
    circuit = Circuit(n_qubits)
    for k in range(n_features):
        if k > 0 and k % n_qubits == 0:
            _ring(circuit)
        circuit.ry(x[k], k % n_qubits)
    return circuit


def _ring(circuit: Circuit) -> None:
    if circuit.n_qubits == 1:
        circuit.sx(0)  # the next rotation is about another axis
        return
    for qubit in range(circuit.n_qubits):
        circuit.cx(qubit, (qubit + 1) % circuit.n_qubits)
