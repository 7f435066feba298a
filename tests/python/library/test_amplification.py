"""Grover's search and amplitude amplification."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg
from refusals import refuses

library = kg.library
SIZES = range(1, 9)


@given(n=st.integers(1, 8), seed=st.integers(0, 1000))
def test_phase_oracles_change_the_signs_of_the_marked(n: int, seed: int) -> None:
    marked = np.flatnonzero(np.random.default_rng(seed).random(2**n) < 0.4)
    signs = np.ones(2**n)
    signs[marked] = -1
    circuit = library.phase_oracle(marked, n)
    np.testing.assert_allclose(circuit.matrix(), np.diag(signs), atol=1e-12)
    assert circuit.count_gates().get("x", 0) == 2 * (0 in marked)


@pytest.mark.parametrize("n", SIZES)
def test_success_is_that_of_the_formula(n: int) -> None:
    """Boyer, Brassard, Hoyer, Tapp 1998: sin((2k + 1) t)**2 with sin(t)**2 = M / N."""
    marked = [2**n - 1, 0][: 1 + (n > 1)]
    angle = np.arcsin(np.sqrt(len(marked) / 2**n))
    oracle = library.phase_oracle(marked, n)
    for k in range(4):
        probabilities = kg.State(n).apply(library.grover(oracle, k)).probabilities()
        np.testing.assert_allclose(
            probabilities[marked].sum(), np.sin((2 * k + 1) * angle) ** 2, atol=1e-10
        )


@pytest.mark.parametrize("n", SIZES)
def test_the_operator_has_its_eigenvalues(n: int) -> None:
    """With its sign, so that phase estimation of it counts solutions."""
    angle = np.arcsin(np.sqrt(1 / 2**n))
    operator = library.grover_operator(library.phase_oracle([1], n))
    found = np.linalg.eigvals(operator.matrix())
    for expected in (np.exp(2j * angle), np.exp(-2j * angle)):
        assert abs(found - expected).min() < 1e-10


def test_amplification_of_any_preparation() -> None:
    preparation = kg.Circuit(3).ry(0.4, 0).cx(0, 1).ry(0.7, 2).cz(1, 2)
    good = [5, 7]
    before = kg.State(3).apply(preparation).probabilities()[good].sum()
    after = kg.State(3).apply(library.grover(library.phase_oracle(good, 3), 2, preparation))
    expected = np.sin(5 * np.arcsin(np.sqrt(before))) ** 2
    np.testing.assert_allclose(after.probabilities()[good].sum(), expected, atol=1e-10)


@given(st.floats(1e-6, 1))
def test_the_number_of_iterations_is_the_best(probability: float) -> None:
    k = library.grover_iterations(probability)
    angle = np.arcsin(np.sqrt(probability))
    success = np.sin((2 * np.arange(2 * k + 3) + 1) * angle) ** 2
    assert success[k] >= success.max() - 1e-4 or np.argmax(success > success[k] + 1e-9) > k + 1
    assert k <= np.pi / 4 / np.sqrt(probability)


def test_known_numbers_of_iterations() -> None:
    assert library.grover_iterations(1) == 0
    assert library.grover_iterations(0.5) == 0
    assert library.grover_iterations(0.25) == 1
    assert library.grover_iterations(2.0**-20) == 804  # floor(pi/4 * 2**10)


def test_what_amplification_refuses() -> None:
    oracle = library.phase_oracle([1], 2)
    with refuses(ValueError, "marked state 4 is outside [0, 2^2)"):
        library.phase_oracle([1, 4], 2)
    with refuses(ValueError, "marked state 1 is given twice"):
        library.phase_oracle([1, 1], 2)
    with refuses(ValueError, "marked has -1 at 0"):
        library.phase_oracle([-1], 2)
    with refuses(TypeError, "marked"):
        library.phase_oracle([0.5], 2)
    with refuses(ValueError, "number of iterations -1 is negative"):
        library.grover(oracle, -1)
    with refuses(MemoryError, "a Grover search"):
        library.grover(oracle, 2**31 - 1)
    with refuses(ValueError, "the oracle must consist of gates", "'measure'"):
        library.grover(kg.Circuit(2).measure_all(), 1)
    with refuses(ValueError, "the state preparation must consist of gates", "'initialize'"):
        library.grover(oracle, 1, kg.Circuit(2).initialize([1, 1]))
    with refuses(ValueError, "acts on 1 qubit(s), the oracle on 2"):
        library.grover(oracle, 1, kg.Circuit(1).h(0))
    for probability in (0.0, -0.5, 1.5, np.nan):
        with refuses(ValueError, "probability", "outside"):
            library.grover_iterations(probability)
