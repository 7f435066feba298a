#!/usr/bin/env python3
"""Compares iqp_map with PennyLane's IQPEmbedding: the same gates, with other angles.

Not part of the tests: it needs ketgrad and PennyLane in one environment. PennyLane's first wire is
the most significant. Exit status 1 where a state differs by more than 1e-12 up to a global phase.
"""

import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import pennylane as qml

import ketgrad as kg


def theirs(n: int, prepare: Callable[[], object]) -> np.ndarray:
    """Return the amplitudes that PennyLane prepares, in our order."""

    @qml.qnode(qml.device("default.qubit", wires=n))
    def state() -> object:
        prepare()
        return qml.state()

    return np.asarray(state()).reshape((2,) * n).transpose().ravel()


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the largest difference of two states up to a global phase."""
    overlap = np.vdot(b, a)
    return float(np.abs(a - b * overlap / abs(overlap)).max())


def with_their_angles(n: int, n_repeats: int) -> kg.Circuit:
    """Return the circuit that iqp_map's documentation gives for IQPEmbedding."""
    x = kg.ParameterVector("x", n)
    layer = kg.Circuit(n).h(range(n)).rz(x, range(n))
    for i, j in kg.entangling_pairs("full", n):
        layer.rzz(x[i] * x[j], i, j)
    return layer.repeat(n_repeats)


def with_our_angles(x: np.ndarray, n_repeats: int) -> None:
    """Queue PennyLane's gates with the angles of iqp_map."""
    n = len(x)
    for _ in range(n_repeats):
        for q in range(n):
            qml.Hadamard(q)
            qml.RZ(2 * x[q], q)
        for i, j in kg.entangling_pairs("full", n):
            qml.MultiRZ(2 * (np.pi - x[i]) * (np.pi - x[j]), [i, j])


def main() -> int:
    """Compare random samples."""
    rng, worst = np.random.default_rng(1), 0.0
    for n in range(1, 6):
        for n_repeats in (1, 2, 3):
            x = rng.uniform(-3, 3, n)
            embedded = theirs(n, partial(qml.IQPEmbedding, x, range(n), n_repeats=n_repeats))
            mapped = theirs(n, partial(with_our_angles, x, n_repeats))
            apart = [
                distance(with_their_angles(n, n_repeats).state({"x": x}), embedded),
                distance(kg.iqp_map(n, reps=n_repeats).state({"x": x}), mapped),
            ]
            worst = max(worst, *apart)
            print(f"{n} qubits, {n_repeats} repeats: {apart[0]:.1e} {apart[1]:.1e}")
    print(f"largest difference {worst:.1e}")
    return int(worst > 1e-12)


if __name__ == "__main__":
    sys.exit(main())
