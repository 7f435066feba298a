"""Random circuits: what they are distributed as."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses

library = kg.library
MATRICES = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def chi_square(counts: Counter, n_classes: int) -> float:
    """How far counts are from uniform, in standard deviations of the statistic."""
    expected = counts.total() / n_classes
    missing = n_classes - len(counts)
    statistic = sum((c - expected) ** 2 / expected for c in counts.values()) + missing * expected
    return (statistic - (n_classes - 1)) / np.sqrt(2 * (n_classes - 1))


def images(circuit: kg.Circuit) -> tuple[str, ...]:
    """The Paulis, with signs, that X and Z of every qubit become."""
    n = circuit.n_qubits
    unitary = circuit.matrix()
    return tuple(
        name_of(unitary @ pauli(letter, q, n) @ unitary.conj().T, n)
        for q in range(n)
        for letter in "XZ"
    )


@cache
def pauli(letter: str, qubit: int, n: int) -> np.ndarray:
    return kg.PauliSum(f"{letter}{qubit}", n_qubits=n).matrix()


def name_of(matrix: np.ndarray, n: int) -> str:
    """The signed Pauli string that a matrix is; its first column tells it."""
    flips = int(abs(matrix[:, 0]).argmax())
    text = ""
    for q in range(n):
        other = 1 << q
        ratio = (matrix[flips ^ other, other] / matrix[flips, 0]).real
        text += {(0, 1): "I", (0, -1): "Z", (1, 1): "X", (1, -1): "Y"}[flips >> q & 1, round(ratio)]
    dense = np.eye(1)
    for letter in text:
        dense = np.kron(MATRICES[letter], dense)
    sign = matrix[flips, 0] / dense[flips, 0]
    np.testing.assert_allclose(matrix, sign * dense, atol=1e-9)
    return ("+" if sign.real > 0 else "-") + text


@pytest.mark.parametrize(("n", "group", "shots"), [(1, 6, 600), (2, 720, 7200)])
def test_cliffords_are_uniform(n: int, group: int, shots: int) -> None:
    """But for signs and phases 6 and 720 elements (Koenig and Smolin 2014, equation 1)."""
    found = [images(library.random_clifford(n, seed)) for seed in range(shots)]
    letters = Counter(tuple(text[1:] for text in element) for element in found)
    signs = Counter(tuple(text[0] for text in element) for element in found)
    assert len(letters) == group
    assert abs(chi_square(letters, group)) < 4.5
    assert abs(chi_square(signs, 4**n)) < 4.5


@pytest.mark.parametrize("n", range(1, 9))
def test_cliffords_take_paulis_to_paulis(n: int) -> None:
    for seed in range(3):
        circuit = library.random_clifford(n, seed)
        assert len(images(circuit)) == 2 * n
        assert len(circuit) <= 4 * n * (n + 3)


@pytest.mark.parametrize("n", range(2, 9))
def test_quantum_volume_pairs_qubits_at_random(n: int) -> None:
    """Cross et al. 2019, figure 1: floor(n/2) matrices a layer, n layers."""
    circuit = library.quantum_volume(n, seed=n)
    assert circuit.count_gates() == {"unitary": n * (n // 2)}
    assert circuit.depth() <= n
    assert library.quantum_volume(n, 3, seed=n).count_gates() == {"unitary": 3 * (n // 2)}


def test_its_matrices_are_uniform() -> None:
    """Moments of the trace by Haar's measure: E|tr U|**2 = 1, E|tr U|**4 = 2; determinant 1."""
    matrices = np.array([library.quantum_volume(2, 1, seed=k).matrix() for k in range(4000)])
    np.testing.assert_allclose(np.linalg.det(matrices), 1, atol=1e-9)
    square = abs(np.trace(matrices, axis1=1, axis2=2)) ** 2
    assert abs(square.mean() - 1) < 5 / np.sqrt(len(square))
    assert abs((square**2).mean() - 2) < 5 * np.sqrt(24 - 4) / np.sqrt(len(square))
    entry = abs(matrices[:, 1, 2]) ** 2
    assert abs(entry.mean() - 1 / 4) < 0.02
    assert abs((entry**2).mean() - 2 / (4 * 5)) < 0.02


def test_heavy_outputs() -> None:
    """The outcomes above the median have (1 + ln 2)/2 of the probability, Cross et al. 2019."""
    found = []
    for seed in range(20):
        circuit = library.quantum_volume(8, seed=seed)
        p = kg.State(8).apply(circuit).probabilities()
        found.append(p[p > np.median(p)].sum())
    assert abs(np.mean(found) - (1 + np.log(2)) / 2) < 0.02


def test_seeds() -> None:
    for make in (library.quantum_volume, library.random_clifford):
        assert make(4, seed=3) == make(4, seed=3)
        assert make(4, seed=3) != make(4, seed=4)
        assert make(4) != make(4)


def test_what_random_circuits_refuse() -> None:
    with refuses(ValueError, "pairs qubits, but there is 1"):
        library.quantum_volume(1)
    with refuses(ValueError, "depth -1 is negative"):
        library.quantum_volume(3, -1)
    with refuses(MemoryError, "a quantum volume"):
        library.quantum_volume(100_000, 2**31 - 1)
    with refuses(ValueError, "0"):
        library.random_clifford(0)
    with refuses(MemoryError, "a random Clifford circuit"):
        library.random_clifford(100_000)
