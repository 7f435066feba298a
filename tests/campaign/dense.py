"""A slow simulator in NumPy, written from the definitions and from nothing of ketgrad.

Qubit q is bit q of an index; a matrix on `qubits` has qubits[0] as the least significant bit of its
index; controls are a mapping of qubits to the values they must have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np

_R = 1 / np.sqrt(2)
PAULI = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0 + 0j, -1]),
}
FIXED = {
    "id": PAULI["I"],
    "x": PAULI["X"],
    "y": PAULI["Y"],
    "z": PAULI["Z"],
    "h": np.array([[_R, _R], [_R, -_R]], dtype=complex),
    "s": np.diag([1, 1j]),
    "sdg": np.diag([1, -1j]),
    "t": np.diag([1, np.exp(0.25j * np.pi)]),
    "tdg": np.diag([1, np.exp(-0.25j * np.pi)]),
    "sx": np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2,
    "sxdg": np.array([[1 - 1j, 1 + 1j], [1 + 1j, 1 - 1j]]) / 2,
    "swap": np.eye(4, dtype=complex)[[0, 2, 1, 3]],
    "iswap": np.array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]]),
    "iswapdg": np.array([[1, 0, 0, 0], [0, 0, -1j, 0], [0, -1j, 0, 0], [0, 0, 0, 1]]),
}
ROTATIONS = {"rx": "X", "ry": "Y", "rz": "Z", "rxx": "XX", "ryy": "YY", "rzz": "ZZ"}


def pauli(letters: str) -> np.ndarray:
    """Return the matrix of a Pauli string whose first letter acts on the highest qubit."""
    return reduce(np.kron, [PAULI[letter] for letter in letters])


def rotation(theta: float, generator: np.ndarray) -> np.ndarray:
    """Return exp(-i theta generator / 2) of a generator that is its own inverse."""
    return np.cos(theta / 2) * np.eye(len(generator)) - 1j * np.sin(theta / 2) * generator


def exponential(theta: float, generator: np.ndarray) -> np.ndarray:
    """Return exp(-i theta G) of a Hermitian matrix."""
    values, vectors = np.linalg.eigh(generator)
    return (vectors * np.exp(-1j * theta * values)) @ vectors.conj().T


def gate(name: str, angles: Sequence[float]) -> np.ndarray:
    """Return the matrix of a named gate without controls."""
    if name in FIXED:
        return FIXED[name]
    if name in ROTATIONS:
        return rotation(angles[0], pauli(ROTATIONS[name]))
    if name == "p":
        return np.diag([1, np.exp(1j * angles[0])])
    theta, phi, lam = angles  # u
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    return np.array(
        [
            [c, -np.exp(1j * lam) * s],
            [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c],
        ]
    )


def apply(
    state: np.ndarray,
    matrix: np.ndarray,
    qubits: Sequence[int],
    controls: Mapping[int, int] | None = None,
) -> np.ndarray:
    """Return the state, shape (2**n,) or (2**n, columns), after a matrix on some of its qubits."""
    n = len(state).bit_length() - 1
    out = state.copy()
    tensor = out.reshape((2,) * n + (-1,))
    where: list[int | slice] = [slice(None)] * (n + 1)
    for qubit, value in (controls or {}).items():
        where[n - 1 - qubit] = value
    part = tensor[tuple(where)]
    # The axes that are left, from the highest qubit down.
    axes = [q for q in range(n - 1, -1, -1) if q not in (controls or {})]
    targets = [axes.index(q) for q in reversed(qubits)]
    front = np.moveaxis(part, targets, range(len(targets)))
    moved = (matrix @ front.reshape(len(matrix), -1)).reshape(front.shape)
    tensor[tuple(where)] = np.moveaxis(moved, range(len(targets)), targets)
    return out


def on_density(rho: np.ndarray, kraus: Sequence[np.ndarray], qubits: Sequence[int]) -> np.ndarray:
    """Return sum_k K rho K† of a density matrix, the Kraus operators on some of its qubits."""
    total = np.zeros_like(rho)
    for operator in kraus:
        left = apply(rho, operator, qubits)
        total += apply(left.conj().T, operator, qubits).conj().T
    return total


def expectation(state: np.ndarray, terms: Mapping[str, float]) -> float:
    """Return the expectation value of a sum of Pauli strings over all qubits."""
    return float(
        sum(np.vdot(state, c * apply_string(state, text)).real for text, c in terms.items())
    )


def apply_string(state: np.ndarray, letters: str) -> np.ndarray:
    """Return P applied to the state; the last letter acts on qubit 0."""
    out = state
    for qubit, letter in enumerate(reversed(letters)):
        if letter != "I":
            out = apply(out, PAULI[letter], [qubit])
    return out
