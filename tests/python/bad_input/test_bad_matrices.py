"""Matrices that are none of a gate or an observable."""

from typing import Any

import numpy as np
import pytest

import ketgrad as kg
from refusals import INF, NAN, refuses


@pytest.mark.parametrize(
    ("matrix", "parts"),
    [
        (np.array([[1, 1], [0, 1]]), ["not unitary", "limit"]),
        (2 * np.eye(2), ["not unitary", "3", "limit"]),
        (np.eye(4), ["2 x 2", "4 x 4"]),
        (np.eye(3), ["2 x 2", "3 x 3"]),
        (np.ones((2, 3)), ["2 x 2", "2 x 3"]),
        (np.full((2, 2), NAN), ["not finite"]),
        (np.full((2, 2), INF), ["not finite"]),
        (np.zeros((0, 0)), ["2 x 2", "0 x 0"]),
    ],
)
def test_unitary_matrices(circuit: kg.Circuit, matrix: np.ndarray, parts: list[str]) -> None:
    with refuses(ValueError, "the unitary matrix", *parts):
        circuit.unitary(matrix, [0])


@pytest.mark.parametrize(
    ("matrix", "parts"),
    [
        (np.array([[1, 1], [0, 1]]), ["not Hermitian", "1", "limit"]),
        (np.eye(3), ["2 x 2", "3 x 3"]),
        (np.full((2, 2), NAN), ["not finite"]),
    ],
)
def test_hermitian_matrices(circuit: kg.Circuit, matrix: np.ndarray, parts: list[str]) -> None:
    with refuses(ValueError, "the generator", *parts):
        circuit.evolution(0.1, matrix, [0])
    with refuses(ValueError, *parts):
        kg.MatrixObservable(matrix, [0])


@pytest.mark.parametrize("matrix", ["X", None, np.ones((2, 2, 2)), [["a", "b"], ["c", "d"]]])
def test_what_is_not_a_matrix(circuit: kg.Circuit, matrix: Any) -> None:
    error = ValueError if isinstance(matrix, np.ndarray) else TypeError  # of three axes
    with refuses(error, "the matrix must"):
        circuit.unitary(matrix, [0])
    with refuses(error, "the matrix must"):
        kg.MatrixObservable(matrix, [0])


def test_matrix_observables() -> None:
    with refuses(ValueError, "0"):
        kg.MatrixObservable(np.eye(1), [])
    with refuses(ValueError, "qubit 0", "twice"):
        kg.MatrixObservable(np.eye(4), [0, 0])
    with refuses(IndexError, "qubit -1"):
        kg.MatrixObservable(np.eye(2), [-1])


def test_entries_near_the_largest_double():
    huge = kg.MatrixObservable(np.diag([1.7e308, -1.7e308]), [0])
    assert kg.compile(kg.Circuit(1), huge).expval() == 1.7e308
