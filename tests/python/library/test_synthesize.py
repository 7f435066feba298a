"""Circuits of given matrices."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.linalg import block_diag, expm
from scipy.stats import unitary_group

import ketgrad as kg
from refusals import NAN, refuses

synthesize = kg.library.synthesize
PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def haar(n: int, seed: int = 1) -> np.ndarray:
    return unitary_group.rvs(2**n, random_state=seed)


def product(*matrices: np.ndarray) -> np.ndarray:
    out = np.eye(1)
    for matrix in matrices:
        out = np.kron(out, matrix)
    return out


def controlled(circuit: kg.Circuit) -> int:
    counts = circuit.count_gates()
    return counts.get("cx", 0) + counts.get("cz", 0)


def published(n: int) -> int:
    """Shende, Bullock, Markov 2006, table 1, the last row."""
    return round(23 / 48 * 4**n - 3 / 2 * 2**n + 4 / 3) if n > 1 else 0


def assert_synthesizes(matrix: np.ndarray, most: int | None = None, within: float = 1e-12) -> int:
    circuit = synthesize(matrix)
    np.testing.assert_allclose(circuit.matrix(), matrix, rtol=0, atol=within)
    limit = published(circuit.n_qubits) if most is None else most
    assert controlled(circuit) <= limit
    return controlled(circuit)


def permuted_phases(seed: int, size: int = 32) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.eye(size)[rng.permutation(size)] * np.exp(1j * rng.normal(size=size))


# Where Eigen's Schur decomposition is wrong without a word.
@pytest.mark.parametrize("seed", [2, 26, 39, 94, 141, 164, 196, 230, 249, 258])
def test_permutations_with_phases(seed: int) -> None:
    matrix = permuted_phases(seed)
    np.testing.assert_allclose(synthesize(matrix).matrix(), matrix, rtol=0, atol=1e-11)
    root = kg.Circuit(5).unitary(matrix, range(5)).power(0.5).matrix()
    np.testing.assert_allclose(root @ root, matrix, rtol=0, atol=1e-11)


@given(st.integers(1, 5), st.integers(0, 10**6), st.sampled_from([0, 1e-15, 1e-13, 1e-11, 1e-9]))
def test_roots_where_eigenvalues_repeat(n: int, seed: int, off: float) -> None:
    """Also of matrices that are unitary to some digits only, or whose eigenvalues nearly agree."""
    rng = np.random.default_rng(seed)
    phases = rng.choice([0, 1, np.pi / 2, np.pi, 1 + off], size=2**n)
    v = haar(n, seed) if seed % 2 else np.eye(2**n)[rng.permutation(2**n)]
    noise = rng.normal(size=(2, 2**n, 2**n))
    matrix = v * np.exp(1j * phases) @ v.conj().T + off * (noise[0] + 1j * noise[1]) / 2**n
    root = kg.Circuit(n).unitary(matrix, range(n)).power(0.5).matrix()
    np.testing.assert_allclose(root @ root, matrix, rtol=0, atol=1e-12 + 20 * off)


@pytest.mark.parametrize("n", range(1, 8))
def test_random_matrices_take_as_many_cx_as_published(n: int) -> None:
    assert assert_synthesizes(haar(n)) == published(n)


def test_eight_qubits() -> None:
    """On one random state, which tells as much as all columns and takes a 256th of their time."""
    matrix, start = haar(8), haar(8, 2)[0]
    circuit = synthesize(matrix)
    assert controlled(circuit) == published(8)
    found = kg.State.from_amplitudes(start).apply(circuit).amplitudes()
    np.testing.assert_allclose(found, matrix @ start, rtol=0, atol=1e-11)


def edge_cases(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(n)
    size = 2**n
    vector = haar(n)[:, :1]
    return {
        "identity": np.eye(size),
        "minus one": -np.eye(size),
        "phase": np.exp(0.3j) * np.eye(size),
        "diagonal": np.diag(np.exp(1j * rng.normal(size=size))),
        "signs": np.diag(rng.choice([1, -1], size)),
        "permutation": np.eye(size)[rng.permutation(size)],
        "cycle": np.roll(np.eye(size), 1, axis=0),
        "reflection": np.eye(size) - 2 * vector @ vector.conj().T,
        "orthogonal": np.linalg.qr(rng.normal(size=(size, size)))[0],
        "fourier": kg.library.qft(n).matrix(),
        "product": product(*(haar(1, k) for k in range(n))),
        "hadamards": product(*[np.array([[1, 1], [1, -1]]) / np.sqrt(2)] * n),
        "near the identity": expm(1e-8j * (haar(n) + haar(n).conj().T)),
        "two eigenvalues": haar(n) @ np.diag([1] + [1j] * (size - 1)) @ haar(n).conj().T,
        "paulis": product(*(PAULIS["IXYZ"[k % 4]] for k in range(1, n + 1))),
    }


@pytest.mark.parametrize("name", edge_cases(1))
@pytest.mark.parametrize("n", range(1, 7))
def test_edge_cases(n: int, name: str) -> None:
    assert_synthesizes(edge_cases(n)[name])


@pytest.mark.parametrize("n", range(1, 7))
def test_structure_is_made_use_of(n: int) -> None:
    cases = edge_cases(n)
    assert len(synthesize(cases["identity"])) == 0
    for name in ("minus one", "phase", "product", "hadamards", "paulis"):
        assert_synthesizes(cases[name], most=0)
    assert_synthesizes(cases["diagonal"], most=2**n - 2)


@pytest.mark.parametrize("n", range(2, 7))
def test_tensor_products_take_what_their_factors_do(n: int) -> None:
    assert_synthesizes(np.kron(haar(1), haar(n - 1)), most=published(n - 1))
    assert_synthesizes(block_diag(haar(n - 1, 2), haar(n - 1, 3)))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    ("gate", "angles", "count"),
    [
        ("cx", [], 1),
        ("cz", [], 1),
        ("iswap", [], 2),
        ("swap", [], 3),
        ("rzz", [0.3], 2),
        ("crx", [1.2], 2),
        ("csx", [], 2),
        ("ryy", [np.pi / 2], 1),
        ("ryy", [np.pi], 0),
        ("rxx", [1e-6], 2),
    ],
)
def test_two_qubits_take_the_fewest_cx(
    gate: str, angles: list[float], count: int, seed: int
) -> None:
    """Shende, Bullock, Markov 2004: the classes do not depend on local gates."""
    inner = kg.Circuit(2).gate(gate, angles, [0, 1]).matrix()
    before, after = (np.kron(haar(1, seed + k), haar(1, seed + k + 1)) for k in (0, 50))
    for matrix in (inner, after @ inner @ before):
        assert assert_synthesizes(matrix, within=1e-13) == count


@given(st.lists(st.sampled_from(np.linspace(-np.pi, np.pi, 17).tolist()), min_size=3, max_size=3))
def test_interactions_of_two_qubits(angles: list[float]) -> None:
    """Corners and walls of the Weyl chamber: two are 0 or a quarter turn, or two are equal."""
    circuit = kg.Circuit(2).rxx(angles[0], 0, 1).ryy(angles[1], 0, 1).rzz(angles[2], 0, 1)
    assert_synthesizes(circuit.matrix(), within=1e-13)


@given(n=st.integers(1, 4), seed=st.integers(0, 1000), gates=st.integers(0, 30))
def test_clifford_circuits(n: int, seed: int, gates: int) -> None:
    """Repeated eigenvalues and singular values of 0 and 1 everywhere."""
    rng = np.random.default_rng(seed)
    circuit = kg.Circuit(n)
    for _ in range(gates):
        name = rng.choice(["h", "s", "x", "cx"])
        if name != "cx":
            circuit.gate(name, [], [int(rng.integers(n))])
        elif n > 1:
            circuit.cx(*map(int, rng.choice(n, 2, replace=False)))
    assert_synthesizes(circuit.matrix())


@given(st.integers(1, 5).flatmap(lambda n: st.permutations(range(2**n))))
def test_permutations(images: list[int]) -> None:
    circuit = kg.library.permutation(images)
    expected = np.zeros((len(images), len(images)))
    expected[images, range(len(images))] = 1
    np.testing.assert_array_equal(circuit.matrix(), expected)
    assert len(circuit) <= circuit.n_qubits * len(images)
    assert len(kg.library.permutation(range(8))) == 0


def test_permutations_that_are_refused() -> None:
    with refuses(ValueError, "images of a permutation", "power of 2", "3"):
        kg.library.permutation([0, 1, 2])
    with refuses(ValueError, "image 1", "twice"):
        kg.library.permutation([1, 1])
    with refuses(ValueError, "the image of 0 is 2, beyond 1"):
        kg.library.permutation([2, 1])
    with refuses(ValueError, "at most 2^12", "8192"):
        kg.library.permutation(range(2**13))


def test_matrices_of_lower_precision_stand_for_the_nearest() -> None:
    matrix = haar(3)
    circuit = synthesize(matrix.astype(np.complex64))
    np.testing.assert_allclose(circuit.matrix(), matrix, rtol=0, atol=1e-6)
    circuit = synthesize((1 + 1e-8) * matrix)
    np.testing.assert_allclose(circuit.matrix(), matrix, rtol=0, atol=1e-12)


def test_matrices_that_are_refused() -> None:
    with refuses(ValueError, "the matrix to synthesize", "not unitary", "limit"):
        synthesize([[1, 0], [0, 2]])
    with refuses(ValueError, "power of 2", "3"):
        synthesize(np.eye(3))
    with refuses(ValueError, "power of 2", "1"):
        synthesize([[1]])
    with refuses(ValueError, "2 x 2", "2 x 3"):
        synthesize(np.ones((2, 3)))
    with refuses(ValueError, "finite", "row 0, column 1"):
        synthesize([[1, NAN], [0, 1]])
    with refuses(ValueError, "11 qubits", "limit of 10"):
        synthesize(np.eye(2**11))
