"""Polynomials by quantum signal processing."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.polynomial import chebyshev
from scipy.special import erf, jv
from scipy.stats import unitary_group

import ketgrad as kg
from refusals import NAN, refuses

library = kg.library
GRID = np.linspace(-1, 1, 201)


def values(angles: np.ndarray, xs: np.ndarray = GRID) -> np.ndarray:
    """The real part of <0|U|0>, by the definition."""
    theta = np.arccos(xs)
    walk = np.cos(theta)[:, None, None] * np.eye(2) + 1j * np.sin(theta)[:, None, None] * np.array(
        [[0, 1], [1, 0]]
    )
    out = np.broadcast_to(np.eye(2, dtype=complex), walk.shape)
    for k, phi in enumerate(angles):
        out = (out @ walk if k else out) @ np.diag(np.exp([1j * phi, -1j * phi]))
    return out[:, 0, 0].real


def assert_angles_of(coefficients: np.ndarray) -> np.ndarray:
    angles = library.qsp_angles(coefficients)
    np.testing.assert_allclose(
        values(angles), chebyshev.chebval(GRID, coefficients), rtol=0, atol=1e-10
    )
    np.testing.assert_array_equal(angles, angles[::-1])
    return angles


def one_chebyshev(k: int, factor: float) -> np.ndarray:
    return factor * np.eye(k + 1)[k]


@pytest.mark.parametrize("factor", [1.0, -1.0, 0.5, 1e-3])
@pytest.mark.parametrize("k", [0, 1, 2, 3, 4, 7, 20, 61])
def test_chebyshev_polynomials(k: int, factor: float) -> None:
    assert len(assert_angles_of(one_chebyshev(k, factor))) == k + 1


@pytest.mark.parametrize("time", [0.5, 5.0, 20.0, 40.0])
@pytest.mark.parametrize("function", ["cos", "sin"])
def test_jacobi_anger_expansions(function: str, time: float) -> None:
    """cos and sin of time * x, cut off at degree 60; by half as in Hamiltonian simulation."""
    k = np.arange(61)
    coefficients = np.where(k == 0, 1, 2) * jv(k, time)
    coefficients *= np.array([1, 1, -1, -1])[k % 4] * (k % 2 == (function == "sin")) / 2
    assert_angles_of(coefficients)
    if time <= 20:
        expected = getattr(np, function)(time * GRID) / 2
        np.testing.assert_allclose(
            values(library.qsp_angles(coefficients)), expected, rtol=0, atol=1e-10
        )


@pytest.mark.parametrize("steepness", [2.0, 5.0, 10.0])
def test_approximate_signs(steepness: float) -> None:
    coefficients = chebyshev.chebinterpolate(lambda x: 0.95 * erf(steepness * x), 101)
    coefficients[::2] = 0
    assert_angles_of(coefficients)


@settings(max_examples=40)
@given(degree=st.integers(0, 30), seed=st.integers(0, 1000), size=st.floats(0.01, 0.99))
def test_random_polynomials(degree: int, seed: int, size: float) -> None:
    coefficients = np.random.default_rng(seed).normal(size=degree + 1)
    coefficients[(degree + 1) % 2 :: 2] = 0
    fine = np.cos(np.linspace(0, np.pi, 4001))
    coefficients *= size / np.abs(chebyshev.chebval(fine, coefficients)).max()
    assert_angles_of(coefficients)


def test_the_circuit_is_what_the_angles_are_for() -> None:
    coefficients = [0, 0.3, 0, -0.5]
    angles = library.qsp_angles(coefficients)
    theta = kg.Parameter("theta")
    program = kg.compile(library.qsp(angles, theta))
    for value in np.linspace(0, np.pi, 7):
        amplitude = program.state(weights=[value])[0, 0]
        assert amplitude.real == pytest.approx(chebyshev.chebval(np.cos(value), coefficients))
    circuit = library.qsp([0.1, 0.2, 0.3], 0.7)
    assert circuit.state().amplitudes()[0].real == pytest.approx(
        values(np.array([0.1, 0.2, 0.3]), np.cos([0.7]))[0]
    )


def test_trailing_zeros_do_not_count() -> None:
    np.testing.assert_array_equal(library.qsp_angles([0, 0.5, 0, 0]), library.qsp_angles([0, 0.5]))


def dilation(block: np.ndarray) -> np.ndarray:
    """A unitary matrix with that block in its upper left corner."""
    left, singular, right = np.linalg.svd(block)
    rest = np.sqrt(1 - singular**2)
    return np.block(
        [
            [block, left @ np.diag(rest) @ left.conj().T],
            [right.conj().T @ np.diag(rest) @ right, -block.conj().T],
        ]
    )


@pytest.mark.parametrize(
    "coefficients", [[0, 1], [0, 0.2, 0, 0.7], [0.5, 0, -0.4], [0.1, 0, 0.2, 0, 0.5]]
)
@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("extra", [0, 1])
def test_singular_values_are_transformed(coefficients: list[float], n: int, extra: int) -> None:
    rng = np.random.default_rng(n)
    block = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
    block /= 1.1 * np.linalg.norm(block, 2)
    encoding = kg.Circuit(n + 1 + extra).unitary(dilation(block), list(range(n + 1)))
    circuit = library.qsvt(library.qsp_angles(coefficients), encoding, n_ancillas=1 + extra)
    left, singular, right = np.linalg.svd(block)
    first = left if len(coefficients) % 2 == 0 else right.conj().T
    expected = first @ np.diag(chebyshev.chebval(singular, coefficients)) @ right
    np.testing.assert_allclose(circuit.matrix()[: 2**n, : 2**n], expected, atol=1e-10)


def test_polynomials_of_hermitian_matrices() -> None:
    """The evolution cos(Ht) / 2 of a Hamiltonian, block-encoded."""
    basis = unitary_group.rvs(4, random_state=1)
    energies = np.array([-0.9, -0.2, 0.3, 0.8])
    hamiltonian = basis @ np.diag(energies) @ basis.conj().T
    encoding = kg.Circuit(3).unitary(dilation(hamiltonian), [0, 1, 2])
    k = np.arange(31)
    coefficients = np.where(k == 0, 1, 2) * jv(k, 4.0) * np.array([1, 0, -1, 0])[k % 4] / 2
    circuit = library.qsvt(library.qsp_angles(coefficients), encoding, 1)
    expected = basis @ np.diag(np.cos(4 * energies) / 2) @ basis.conj().T
    np.testing.assert_allclose(circuit.matrix()[:4, :4], expected, atol=1e-10)


def test_polynomials_that_are_refused() -> None:
    with refuses(ValueError, "at least 1 coefficient"):
        library.qsp_angles([])
    with refuses(ValueError, "even or odd", "0 and 1"):
        library.qsp_angles([0.1, 0.2])
    with refuses(ValueError, "1.5", "x = 1", "at most 1"):
        library.qsp_angles([0, 0.5, 0, 1])
    with refuses(ValueError, "finite", "nan", "index 1"):
        library.qsp_angles([0, NAN])
    with refuses(ValueError, "degree 2001", "limit of 2000"):
        library.qsp_angles(one_chebyshev(2001, 0.5))


def test_circuits_that_are_refused() -> None:
    with refuses(ValueError, "no angles"):
        library.qsp([], 0.1)
    with refuses(ValueError, "no angles"):
        library.qsvt([], kg.Circuit(2), 1)
    with refuses(ValueError, "2 ancillas", "2 qubits", "[1, 1]"):
        library.qsvt([0.1], kg.Circuit(2), 2)
    with refuses(ValueError, "the encoding", "gates"):
        library.qsvt([0.1], kg.Circuit(2, 1).measure(0, 0), 1)
