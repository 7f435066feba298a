"""Algorithms that run circuits: order finding, factoring, amplitude estimation."""

from math import gcd

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg
from refusals import refuses

library = kg.library


def order(base: int, modulus: int) -> int:
    return next(r for r in range(1, modulus) if pow(base, r, modulus) == 1)


@pytest.mark.parametrize(("base", "modulus"), [(2, 3), (3, 4), (2, 5), (2, 7), (3, 8)])
def test_outcomes_of_order_finding(base: int, modulus: int) -> None:
    """Those of phase estimation on an even sum of eigenstates of the phases s / r."""
    circuit = library.order_finding(base, modulus)
    n = (modulus - 1).bit_length()
    assert (circuit.n_qubits, circuit.n_bits) == (2 * n + 3, 2 * n)  # Beauregard 2003
    r, size = order(base, modulus), 2 ** (2 * n)
    powers = np.arange(size)
    expected = np.zeros(size)
    for s in range(r):
        turns = np.outer(s / r - powers / size, powers)
        expected += abs(np.exp(2j * np.pi * turns).sum(axis=1) / size) ** 2 / r
    shots = 2000
    counts = np.zeros(size)
    for bits, count in circuit.run(shots, seed=1).counts().items():
        counts[int(bits, 2)] = count
    spread = np.sqrt(shots * expected * (1 - expected)) + 1
    assert (abs(counts - shots * expected) < 5 * spread).all()


@given(st.integers(3, 500), st.integers(2, 499), st.integers(0, 500))
def test_orders_from_the_nearest_outcomes(modulus: int, base: int, s: int) -> None:
    """Within 2**-(2n+1) of s / r, the continued fraction has s / r (Shor 1994)."""
    if gcd(base, modulus) > 1:
        return
    r = order(base, modulus)
    n_bits = 2 * modulus.bit_length()
    outcome = round(s % r / r * 2**n_bits)
    found = library.order_from_outcome(outcome, n_bits, base, modulus)
    if gcd(s, r) == 1:
        assert found == r
    else:
        assert found in (None, r)


def test_what_order_finding_refuses() -> None:
    with refuses(ValueError, "outcome 16 is outside [0, 2^4)"):
        library.order_from_outcome(16, 4, 2, 3)
    with refuses(ValueError, "number of bits 63 is outside [1, 62]"):
        library.order_from_outcome(0, 63, 2, 3)


@pytest.mark.parametrize("modulus", [15, 21])
def test_shor_factors(modulus: int) -> None:
    for seed in range(2):
        found = library.shor(modulus, seed=seed)
        assert np.prod(found.factors) == modulus
        assert found.factors[0] > 1
        assert found.order == order(found.base, modulus)
        assert found.n_qubits == 2 * modulus.bit_length() + 3
        assert found.n_runs >= 1
    assert library.shor(modulus, seed=1) == found


def test_shor_with_a_base() -> None:
    assert library.shor(15, base=7, seed=1).base == 7
    with refuses(ValueError, "base=14; its order 2 modulo 15 has 14**1 = -1", "no factors"):
        library.shor(15, base=14, seed=1)
    with refuses(ValueError, "base=4; its order 3 modulo 21 is odd"):
        library.shor(21, base=4, seed=1)
    with refuses(ValueError, "base 5 and modulus 15 have the common factor 5"):
        library.shor(15, base=5)
    with refuses(ValueError, "base=15; it must be from 2 to 14"):
        library.shor(15, base=15)


@pytest.mark.parametrize(
    ("modulus", "message"),
    [
        (14, "it must be from 15 to 63"),
        (64, "it must be from 15 to 63"),
        (16, "it is even"),
        (17, "it is a prime"),
        (25, "it is a power of 5"),
        (27, "it is a power of 3"),
    ],
)
def test_numbers_that_shor_refuses(modulus: int, message: str) -> None:
    with refuses(ValueError, f"modulus={modulus}; {message}"):
        library.shor(modulus)


@pytest.mark.parametrize("probability", [0.0, 1e-3, 0.2, 0.5, 0.77, 1.0])
def test_amplitude_estimation(probability: float) -> None:
    """Grinko et al. 2021: within epsilon, with confidence 1 - alpha; here all of 8 seeds."""
    preparation = kg.Circuit(2).h(1).ry(2 * np.arcsin(np.sqrt(probability)), 0)
    for seed in range(8):
        found = library.amplitude_estimation(preparation, 0, alpha=0.001, seed=seed)
        low, high = found.interval
        assert low - 1e-9 <= probability <= high + 1e-9
        assert high - low <= 0.02 + 1e-9
        assert low <= found.probability <= high


def test_amplitude_estimation_of_several_qubits() -> None:
    preparation = kg.Circuit(3).ry(1.0, 0).cx(0, 2).ry(0.8, 1)
    p = kg.State(3).apply(preparation).probabilities()
    found = library.amplitude_estimation(preparation, [2, 1], epsilon=0.003, seed=4)
    assert abs(found.probability - p[[0b110, 0b111]].sum()) < 0.003


def test_amplitude_estimation_takes_few_queries() -> None:
    """Grinko et al. 2021, theorem 1: at most 50/epsilon log(2/alpha log2(pi/(4 epsilon)))."""
    preparation = kg.Circuit(1).ry(1.1, 0)
    for epsilon in (0.01, 0.001, 0.0001):
        found = library.amplitude_estimation(preparation, 0, epsilon=epsilon, seed=2)
        bound = 50 / epsilon * np.log(2 / 0.05 * np.log2(np.pi / (4 * epsilon)))
        assert found.n_queries < bound
        assert abs(found.probability - np.sin(0.55) ** 2) < epsilon
        again = library.amplitude_estimation(preparation, 0, epsilon=epsilon, seed=2)
        assert again == found


def test_what_amplitude_estimation_refuses() -> None:
    preparation = kg.Circuit(2).h(0)
    for epsilon in (0, 1e-7, 0.6, np.nan):
        with refuses(ValueError, "epsilon=", "it must be from 1e-06 to 0.5"):
            library.amplitude_estimation(preparation, 0, epsilon=epsilon)
    for alpha in (0, 1, -0.1, 2):
        with refuses(ValueError, "alpha=", "it must be"):
            library.amplitude_estimation(preparation, 0, alpha=alpha)
    with refuses(ValueError, "shots=0"):
        library.amplitude_estimation(preparation, 0, shots=0)
    with refuses(ValueError, "good_qubits is empty"):
        library.amplitude_estimation(preparation, [])
    with refuses(IndexError, "2"):
        library.amplitude_estimation(preparation, 2)
    with refuses(ValueError, "0"):
        library.amplitude_estimation(preparation, [0, 0])
    with refuses(ValueError, "'measure'"):
        library.amplitude_estimation(kg.Circuit(1).measure_all(), 0)
    with refuses(TypeError, "preparation must be a Circuit, not 3 (int)"):
        library.amplitude_estimation(3, 0)
