"""A quantum convolutional network, for experiments that share it.

A gate of two qubits, the same all along the register, is a convolution; a qubit that turns its
neighbour and is not looked at again is a pooling. By turns they leave two qubits, and one answer.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

import ketgrad as kg

KERNEL = 18  # weights of a layer: 15 of the convolution, 3 of the pooling
LAST = 15  # of any unitary of two qubits, up to its phase
RATE, FLOOR = 0.1, 0.95  # of Adam: falls along a cosine to this share


class Network:
    """The network of Caro et al. 2022 on n qubits: states in, probabilities of two classes out.

    Its first qubit is the last of the register: the coarsest half of data that are amplitudes.
    """

    def __init__(self, n: int) -> None:
        qubits, n_layers = list(range(n))[::-1], int(np.ceil(np.log2(n))) - 1
        weights = iter(kg.ParameterVector("w", KERNEL * n_layers + LAST))
        circuit = kg.Circuit(n)
        for layer in range(n_layers):
            kernel = [next(weights) for _ in range(KERNEL)]
            convolve(circuit, kernel[:15], qubits, first=layer == 0)
            for kept, dropped in zip(qubits[::2], qubits[1::2], strict=False):
                turn(circuit, kernel[15:], kept, dropped)
            qubits = qubits[::2]
        for letters in list(product("IXYZ", repeat=2))[1:]:
            circuit.pauli_rotation(next(weights), "".join(letters), qubits)
        self.program, self.answer = kg.compile(circuit), qubits[:1]

    def predict(self, states: Any, weights: Any) -> Any:
        """Give the probabilities of both classes, shape (rows, 2)."""
        return self.program.probs(weights=weights, initial_state=states, qubits=self.answer)

    def fit(self, states: Any, labels: Any, epochs: int, rng: np.random.Generator) -> Any:
        """Find weights for which the right classes are likely, from normal ones, by Adam."""
        weights = rng.normal(size=len(self.program.weights))
        optimizer = kg.Optimizer("adam", learning_rate=RATE)
        cotangent = -np.eye(2)[labels] / len(labels)  # of the mean chance of a wrong answer
        options = {"of": "probs", "qubits": self.answer, "initial_state": states}
        for epoch in range(epochs):
            gradient = self.program.vjp(cotangent, weights=weights, **options)[1]
            cosine = (1 + np.cos(np.pi * epoch / epochs)) / 2
            weights = optimizer.step(weights, gradient, FLOOR + (1 - FLOOR) * cosine)
        return weights


def convolve(circuit: kg.Circuit, kernel: Sequence[Any], qubits: list[int], *, first: bool) -> None:
    """Add the gate to all pairs of neighbours, first the even ones."""
    for parity in (0, 1):
        for a, b in zip(qubits[parity::2], qubits[parity + 1 :: 2], strict=False):
            if parity == 0 and not first:
                turn(circuit, kernel[:3], a)
                turn(circuit, kernel[3:6], b)
            circuit.rxx(kernel[6], a, b).ryy(kernel[7], a, b).rzz(kernel[8], a, b)
            turn(circuit, kernel[9:12], a)
            turn(circuit, kernel[12:], b)


def turn(circuit: kg.Circuit, angles: Sequence[Any], qubit: int, *controls: int) -> None:
    """Add any rotation of a qubit."""
    theta, phi, lam = angles
    circuit.u(theta, phi, lam, qubit, controls)
