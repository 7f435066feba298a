"""The quantum Fourier transform, and what it estimates."""

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses

library = kg.library
SIZES = range(1, 9)


def fourier(n: int) -> np.ndarray:
    """The matrix exp(2 pi i x y / 2**n) / sqrt(2**n)."""
    k = np.arange(2**n)
    return np.exp(2j * np.pi * np.outer(k, k) / 2**n) / np.sqrt(2**n)


def reversed_bits(n: int) -> np.ndarray:
    return np.array([int(format(k, f"0{n}b")[::-1], 2) for k in range(2**n)])


@pytest.mark.parametrize("n", SIZES)
def test_qft_is_the_fourier_matrix(n: int) -> None:
    expected = fourier(n)
    np.testing.assert_allclose(library.qft(n).matrix(), expected, atol=1e-12)
    inverse = library.qft(n, inverse=True).matrix()
    np.testing.assert_allclose(inverse, expected.conj().T, atol=1e-12)
    unswapped = library.qft(n, swaps=False).matrix()
    np.testing.assert_allclose(unswapped[reversed_bits(n)], expected, atol=1e-12)


@pytest.mark.parametrize("n", SIZES)
def test_qft_has_the_gates_of_coppersmith(n: int) -> None:
    """Nielsen and Chuang, section 5.1: n Hadamards, n(n-1)/2 phases, at most n/2 swaps."""
    counts = library.qft(n).count_gates()
    assert counts.get("h") == n
    assert counts.get("cp", 0) == n * (n - 1) // 2
    assert counts.get("swap", 0) == n // 2


@pytest.mark.parametrize("degree", range(1, 8))
def test_an_approximate_qft_errs_as_little_as_is_said(degree: int) -> None:
    """Coppersmith 1994: each of the at most n phases a qubit lacks is at most pi / 2**degree."""
    n = 8
    circuit = library.qft(n, degree=degree)
    error = np.linalg.norm(circuit.matrix() - fourier(n), 2)
    assert error <= 2 * np.pi * n * 2.0**-degree
    assert circuit.count_gates().get("cp", 0) == sum(min(q, degree - 1) for q in range(n))


def test_sizes_of_qft_that_are_refused() -> None:
    with refuses(ValueError, "0"):
        library.qft(0)
    with refuses(ValueError, "degree", "-1", "0 or more"):
        library.qft(3, degree=-1)
    with refuses(MemoryError, "a Fourier transform", "operations"):
        library.qft(100_000)
