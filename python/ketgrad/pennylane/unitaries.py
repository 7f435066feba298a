"""A batch of unitary matrices as the same gates with angles of each.

Rotations of two rows each bring a matrix to a diagonal, entry by entry (Givens; Cybenko 2001,
"Reducing quantum computations to elementary unitary operations"). In the order of a Gray code, rows
that are neighbours differ in one bit: such a rotation is one of that qubit, controlled by all
others. The diagonal is 1 but for the last row, which has the determinant.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketgrad import Circuit

Complexes = NDArray[np.complex128]


def _gray(size: int) -> list[int]:
    return [k ^ (k >> 1) for k in range(size)]


def _pairs(size: int) -> Iterator[tuple[int, int, int]]:
    """Give the column and the rows of every rotation, in the order that they bring to zero."""
    order = _gray(size)
    for k, column in enumerate(order[:-1]):
        for row in range(size - 1, k, -1):
            yield column, order[row - 1], order[row]


def angles(matrices: Complexes) -> list[NDArray[np.float64]]:
    """Give the angles of matrices of shape (samples, 2**k, 2**k), an array of one a sample each."""
    left = np.array(matrices, complex)
    size = left.shape[-1]
    out: list[NDArray[np.float64]] = []
    for column, kept, zeroed in _pairs(size):
        a, b = left[:, kept, column], left[:, zeroed, column]
        norm = np.hypot(abs(a), abs(b))
        with np.errstate(invalid="ignore"):
            a, b = np.where(norm > 0, a / norm, 1), np.where(norm > 0, b / norm, 0)
        rows = left[:, kept].copy(), left[:, zeroed].copy()
        left[:, kept] = a.conj()[:, None] * rows[0] + b.conj()[:, None] * rows[1]
        left[:, zeroed] = a[:, None] * rows[1] - b[:, None] * rows[0]
        # The inverse is ((a, -b*), (b, a*)), the kept row first; qubits have 0 first.
        first, second = (a, b) if kept < zeroed else (a.conj(), -b.conj())
        turn, phase = np.angle(second), np.angle(first)
        out += [-phase - turn, 2 * np.arctan2(abs(second), abs(first)), turn - phase]
    return [*out, np.angle(left[:, _gray(size)[-1], _gray(size)[-1]])]


def append(circuit: Circuit, angles: Iterator[Any]) -> None:
    """Append the gates to a circuit, whose qubit 0 is the most significant bit of the matrices."""
    n = circuit.n_qubits
    last = _gray(2**n)[-1]
    rotations = [(pair, [next(angles) for _ in range(3)]) for pair in _pairs(2**n)]
    _on_row(circuit, last, n, next(angles))
    for (_, kept, zeroed), (before, theta, behind) in reversed(rotations):
        qubit = n - (kept ^ zeroed).bit_length()
        controls = {k: kept >> (n - 1 - k) & 1 for k in range(n) if k != qubit}
        circuit.rz(before, qubit, controls).ry(theta, qubit, controls).rz(behind, qubit, controls)


def _on_row(circuit: Circuit, row: int, n: int, phase: Any) -> None:
    """Multiply one amplitude by exp(i phase)."""
    *controls, value = [row >> (n - 1 - k) & 1 for k in range(n)]
    if not value:
        circuit.x(n - 1)
    circuit.p(phase, n - 1, dict(enumerate(controls)))
    if not value:
        circuit.x(n - 1)
