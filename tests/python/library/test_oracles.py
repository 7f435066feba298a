"""Oracles, and algorithms that call them once or a few times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg
from refusals import refuses

library = kg.library


def permutation(circuit: kg.Circuit) -> np.ndarray:
    """Where a circuit that permutes basis states takes each of them."""
    matrix = circuit.matrix()
    np.testing.assert_allclose(abs(matrix).max(axis=0), 1, atol=1e-9)
    return abs(matrix).argmax(axis=0)


@given(n=st.integers(1, 4), m=st.integers(1, 3), seed=st.integers(0, 1000))
def test_function_oracles_add_the_value(n: int, m: int, seed: int) -> None:
    table = np.random.default_rng(seed).integers(0, 2**m, 2**n)
    state = np.arange(2 ** (n + m))
    x, y = state % 2**n, state >> n
    expected = x | (y ^ table[x]) << n
    np.testing.assert_array_equal(permutation(library.function_oracle(table, m)), expected)


@pytest.mark.parametrize("secret", ["1", "0", "10", "110", "01011"])
def test_inner_products(secret: str) -> None:
    n = len(secret)
    table = [(x & int(secret, 2)).bit_count() % 2 for x in range(2**n)]
    oracle = library.inner_product_oracle(secret)
    np.testing.assert_array_equal(permutation(oracle), permutation(library.function_oracle(table)))
    assert oracle == library.function_oracle(table)  # the normal form of a linear function
    assert len(oracle) == secret.count("1")


@pytest.mark.parametrize("n", range(1, 9))
def test_deutsch_jozsa(n: int) -> None:
    rng = np.random.default_rng(n)
    balanced = rng.permutation([0] * 2 ** (n - 1) + [1] * 2 ** (n - 1))
    for table in (np.zeros(2**n, int), np.ones(2**n, int)):
        circuit = library.deutsch_jozsa(library.function_oracle(table))
        assert circuit.run(100, seed=1).counts() == {"0" * n: 100}
    circuit = library.deutsch_jozsa(library.function_oracle(balanced))
    assert "0" * n not in circuit.run(200, seed=1).counts()


@pytest.mark.parametrize("secret", ["1", "0", "10", "1011", "0110101", "1" * 20])
def test_bernstein_vazirani(secret: str) -> None:
    circuit = library.bernstein_vazirani(secret)
    assert circuit.run(50, seed=1).counts() == {secret: 50}
    assert circuit.count_gates().get("cx", 0) == secret.count("1")


@pytest.mark.parametrize("secret", ["1", "11", "010", "1011", "11111"])
def test_simon(secret: str) -> None:
    n, s = len(secret), int(secret, 2)
    oracle = library.simon_oracle(secret)
    images = permutation(oracle)[: 2**n] >> n
    for x in range(2**n):
        np.testing.assert_array_equal(np.flatnonzero(images == images[x]), sorted({x, x ^ s}))
    state = kg.State(2 * n).apply(library.simon(oracle).without_final_measurements())
    y = np.arange(2**n)
    orthogonal = np.array([(k & s).bit_count() % 2 == 0 for k in y])
    expected = orthogonal / orthogonal.sum()
    np.testing.assert_allclose(state.probabilities(range(n)), expected, atol=1e-12)
    counts = library.simon(oracle).run(100, seed=1).counts()
    assert library.simon_secret(list(counts)) == secret


def test_a_one_to_one_function_has_the_secret_zero() -> None:
    counts = library.simon(library.simon_oracle("000")).run(100, seed=1).counts()
    assert library.simon_secret(list(counts)) == "000"


@given(n=st.integers(1, 64), seed=st.integers(0, 1000))
def test_the_linear_system_is_solved(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    secret = rng.integers(0, 2, n)
    secret[rng.integers(n)] = 1
    rows = rng.integers(0, 2, (6 * n + 20, n))
    rows = rows[rows @ secret % 2 == 0]
    texts = ["".join(map(str, row)) for row in rows]
    assert library.simon_secret(texts) == "".join(map(str, secret))


def test_what_oracles_refuse() -> None:
    measured = kg.Circuit(2).measure_all()
    for name in ("deutsch_jozsa", "simon"):
        with refuses(ValueError, f"{name}: the oracle must consist of gates", "'measure'"):
            getattr(library, name)(measured)
    with refuses(ValueError, "needs one for the result"):
        library.deutsch_jozsa(kg.Circuit(1))
    with refuses(ValueError, "3 qubit(s)", "as many"):
        library.simon(kg.Circuit(3))
    for name in ("bernstein_vazirani", "inner_product_oracle", "simon_oracle"):
        with refuses(ValueError, "secret has no bits"):
            getattr(library, name)("")
        with refuses(ValueError, "'012' has characters other than 0 and 1"):
            getattr(library, name)("012")
    for table in ([], [0], [0, 1, 1]):
        with refuses(ValueError, "2^n values, got"):
            library.function_oracle(table)
    with refuses(ValueError, "value 2 of the function is outside [0, 2^1)"):
        library.function_oracle([0, 2])
    with refuses(ValueError, "outputs 0 is outside [1, 63]"):
        library.function_oracle([0, 1], 0)
    with refuses(ValueError, "needs 2 independent outcomes, got 1"):
        library.simon_secret(["000", "011"])
    with refuses(ValueError, "no outcomes"):
        library.simon_secret([])
    with refuses(ValueError, "different lengths"):
        library.simon_secret(["00", "011"])
    with refuses(ValueError, "65 bits"):
        library.simon_secret(["0" * 65])
    with refuses(ValueError, "characters"):
        library.simon_secret(["0x"])
