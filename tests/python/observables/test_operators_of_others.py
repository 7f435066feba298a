"""Sums of Pauli strings as Qiskit and OpenFermion have them, in objects that offer the same.

Those libraries themselves are tried in tests/clients.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses


@dataclass
class Lists:
    """As SparsePauliOp: letters, the qubit of each, and a complex coefficient."""

    num_qubits: int
    rows: list[tuple[str, list[int], object]]

    def to_sparse_list(self) -> Iterator[tuple[str, list[int], object]]:
        yield from self.rows


@dataclass
class Projecting(Lists):
    """As SparseObservable, which has other letters too."""

    paulis: Lists

    def as_paulis(self) -> Lists:
        return self.paulis


@dataclass
class Actions:
    """As QubitOperator."""

    terms: dict[object, object]


WANTED = kg.PauliSum({"ZIX": 0.5, "IYI": -1.0, "III": 2.0})
ROWS: list[tuple[str, list[int], object]] = [
    ("XZ", [0, 2], 0.5 + 0j),
    ("Y", [1], np.complex128(-1 + 1e-17j)),
    ("", [], 2),
]
GIVEN = [
    Lists(3, ROWS),
    Projecting(3, [("+", [0], 1.0)], Lists(3, ROWS)),
    Actions({((0, "X"), (2, "Z")): 0.5 + 1e-17j, ((1, "Y"),): -1, (): 2.0}),
]


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: type(given).__name__)
def test_sums(given: object) -> None:
    assert kg.PauliSum(given) == WANTED
    assert kg.PauliSum(given, n_qubits=4).n_qubits == 4
    circuit = kg.Circuit(3).ry(0.3, 0).rx(0.4, 1)
    np.testing.assert_array_equal(
        kg.compile(circuit, [given, "ZII"]).expval(), kg.compile(circuit, [WANTED, "ZII"]).expval()
    )


def test_numbers_of_qubits() -> None:
    assert kg.PauliSum(Lists(4, [("Z", [0], 1.0)])).n_qubits == 4
    assert kg.PauliSum(Actions({((3, "Z"),): 1.0})).n_qubits == 4
    assert kg.PauliSum(Actions({(): 1.0})).n_qubits == 1
    assert len(kg.PauliSum(Actions({}))) == 0
    with refuses(IndexError, "qubit 2, out of range for 2 qubits"):
        kg.PauliSum(Lists(3, ROWS), n_qubits=2)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (Lists(1, [("Z", [0], 1j)]), TypeError, "the coefficient of 'Z' must be a real number"),
        (Actions({((0, "Z"),): 1 + 1e-6j}), TypeError, "the coefficient of 'Z' must be"),
        (Actions({((0, "Z"),): "a"}), TypeError, "the coefficient of 'Z' must be a real number"),
        (Actions({((0, 1), (1, 0)): 1.0}), TypeError, "this Actions has ((0, 1), (1, 0))"),
        (Actions({"Z0": 1.0}), TypeError, "this Actions has 'Z0'"),
        (Lists(1, [("Q", [0], 1.0)]), ValueError, "Q"),
    ],
)
def test_what_makes_no_sum(given: object, error: type[Exception], message: str) -> None:
    with refuses(error, message):
        kg.PauliSum(given)
