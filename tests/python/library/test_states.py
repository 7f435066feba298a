"""States by name."""

import itertools
from math import comb

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses

library = kg.library
SIZES = range(1, 9)


def ones(n: int) -> np.ndarray:
    """How many bits of each basis state are 1."""
    return np.array([k.bit_count() for k in range(2**n)])


@pytest.mark.parametrize("n", SIZES)
def test_ghz_states(n: int) -> None:
    expected = np.zeros(2**n)
    expected[[0, -1]] = np.sqrt(0.5)
    np.testing.assert_allclose(library.ghz_state(n).state(), expected, atol=1e-12)
    assert len(library.ghz_state(n)) == n


@pytest.mark.parametrize("n", SIZES)
def test_w_states(n: int) -> None:
    circuit = library.w_state(n)
    np.testing.assert_allclose(circuit.state(), (ones(n) == 1) / np.sqrt(n), atol=1e-12)
    assert len(circuit) == 1 + 2 * (n - 1)


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in SIZES for k in range(n + 1)])
def test_dicke_states(n: int, k: int) -> None:
    """Baertschi and Eidenbenz 2019, section 4: kn - k(k+1)/2 rotations, two CNOTs each."""
    circuit = library.dicke_state(n, k)
    np.testing.assert_allclose(circuit.state(), (ones(n) == k) / np.sqrt(comb(n, k)), atol=1e-12)
    counts = circuit.count_gates()
    few = min(k, n - k)
    blocks = few * n - few * (few + 1) // 2
    assert counts.get("cx", 0) == 2 * blocks
    assert counts.get("cry", 0) + counts.get("ry", 0) == blocks


@pytest.mark.parametrize("n", SIZES)
def test_graph_states_have_their_stabilizers(n: int) -> None:
    rng = np.random.default_rng(n)
    edges = [pair for pair in itertools.combinations(range(n), 2) if rng.random() < 0.5]
    circuit = library.graph_state(edges, n)
    assert len(circuit) == n + len(edges)
    state = kg.State(n).apply(circuit)
    for vertex in range(n):
        neighbours = {a + b - vertex for a, b in edges if vertex in (a, b)}
        text = " ".join([f"X{vertex}", *(f"Z{other}" for other in sorted(neighbours))])
        assert abs(state.expval(kg.PauliSum(text, n_qubits=n)) - 1) < 1e-12


def test_graph_states_are_as_large_as_their_edges() -> None:
    assert library.graph_state([(0, 3)]).n_qubits == 4
    assert library.graph_state([(0, 3)], 6).n_qubits == 6


def test_states_that_are_refused() -> None:
    for make in (library.ghz_state, library.w_state):
        with refuses(ValueError, "0"):
            make(0)
    with refuses(ValueError, "number of ones 4 is outside [0, 3]"):
        library.dicke_state(3, 4)
    with refuses(ValueError, "number of ones -1"):
        library.dicke_state(3, -1)
    with refuses(MemoryError, "a Dicke state"):
        library.dicke_state(100_000, 50_000)
    with refuses(ValueError, "edge (1, 0) is given twice"):
        library.graph_state([(0, 1), (1, 0)])
    with refuses(IndexError, "3"):
        library.graph_state([(0, 3)], 3)
    with refuses(ValueError, "1"):
        library.graph_state([(1, 1)])
    with refuses(ValueError, "needs edges or a number of qubits"):
        library.graph_state([])
    with refuses(ValueError, "is beyond 100000"):
        library.graph_state([(0, 2**31 - 1)])
