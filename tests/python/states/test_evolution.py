"""Evolution in time against dense exponentials."""

from typing import Any

import numpy as np
import pytest
import scipy.linalg

import ketgrad as kg
from refusals import refuses

METHODS = ["automatic", "krylov", "chebyshev"]


def random_sum(n: int, terms: int = 12) -> kg.PauliSum:
    rng = np.random.default_rng(n)
    return kg.PauliSum(
        [("".join(rng.choice(list("IXYZ"), n)), float(rng.normal())) for _ in range(terms)]
    )


def random_state(n: int, precision: str = "double") -> kg.State:
    vector = np.random.default_rng(100 + n).normal(size=(2, 2**n)).T @ [1, 1j]
    return kg.State.from_amplitudes(vector / np.linalg.norm(vector), precision)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("time", [0.0, 0.3, -2.0, 17.0])
@pytest.mark.parametrize("n", range(1, 9))
def test_evolution_is_the_exponential(n: int, time: float, method: str) -> None:
    hamiltonian, state = random_sum(n), random_state(n)
    before = state.amplitudes()
    exact = scipy.linalg.expm(-1j * time * hamiltonian.matrix()) @ before
    found = kg.evolve(state, hamiltonian, time, method=method)
    assert np.linalg.norm(found.amplitudes() - exact) < 1e-9
    assert abs(found.norm() - 1) < 1e-10
    np.testing.assert_array_equal(state.amplitudes(), before)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [3, 8, 13])
def test_single_precision(n: int, method: str) -> None:
    hamiltonian = kg.library.heisenberg(n, field=0.2)
    wide = kg.evolve(random_state(n), hamiltonian, 0.8)
    narrow = kg.evolve(random_state(n, "single"), hamiltonian, 0.8, method=method)
    assert narrow.precision == "single"
    assert np.linalg.norm(narrow.amplitudes() - wide.amplitudes()) < 2e-5


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("method", METHODS)
def test_the_error_is_below_the_tolerance(method: str, tolerance: float) -> None:
    hamiltonian, state = kg.library.heisenberg(8), kg.State(8).set_basis(0b01010101)
    exact = scipy.linalg.expm(-2j * hamiltonian.matrix()) @ state.amplitudes()
    found, products = kg.evolve(
        state, hamiltonian, 2.0, method=method, tolerance=tolerance, return_products=True
    )
    assert np.linalg.norm(found.amplitudes() - exact) <= tolerance
    assert 0 < products < 120


@pytest.mark.parametrize("dimension", [6, 12, 256])
def test_small_spaces_take_more_steps(dimension: int) -> None:
    hamiltonian, state = kg.library.heisenberg(6, field=0.5), random_state(6)
    exact = scipy.linalg.expm(-1j * hamiltonian.matrix()) @ state.amplitudes()
    found = kg.evolve(state, hamiltonian, 1.0, method="krylov", dimension=dimension, tolerance=1e-6)
    assert np.linalg.norm(found.amplitudes() - exact) <= 1e-6


def test_a_space_that_closes_is_exact() -> None:
    """An eigenstate stays in one dimension, two of them in two."""
    hamiltonian = kg.library.transverse_ising(9, 1.0, 0.0)
    state, products = kg.evolve(kg.State(9), hamiltonian, 1e4, return_products=True)  # automatic
    assert products == 1
    np.testing.assert_allclose(state.amplitudes()[0], np.exp(8e4j), atol=1e-10)
    flip, products = kg.evolve(kg.State(9), "X3", np.pi / 2, method="krylov", return_products=True)
    assert products == 2
    np.testing.assert_allclose(flip.amplitudes()[8], -1j, atol=1e-12)


def test_a_series_as_long_as_a_space_may_be() -> None:
    """The usual method is the series until that is longer than the largest space."""
    hamiltonian, state = kg.library.heisenberg(7), random_state(7)

    def products(method: str, time: float, dimension: int) -> int:
        options: Any = {"method": method, "dimension": dimension, "return_products": True}
        return int(kg.evolve(state, hamiltonian, time, **options)[1])

    series = products("chebyshev", 1.0, 2)
    assert products("automatic", 1.0, series) == series
    assert products("automatic", 1.0, series - 1) == products("krylov", 1.0, series - 1)
    assert products("automatic", 100.0, 40) == products("krylov", 100.0, 40)


def test_a_bound_holds_in_one_dimension() -> None:
    state, products = kg.evolve(
        kg.State(1), "X", 1.0075e-3, method="krylov", tolerance=1e-3, return_products=True
    )
    exact = np.array([np.cos(1.0075e-3), -1j * np.sin(1.0075e-3)])
    assert np.linalg.norm(state.amplitudes() - exact) <= 1e-3
    assert products == 2


@pytest.mark.parametrize("method", METHODS)
def test_tiny_sums(method: str) -> None:
    state = kg.evolve(kg.State(1), {"X": 1e-320}, 1.0, method=method)
    np.testing.assert_allclose(state.amplitudes(), [1, 0], atol=1e-15)


def test_there_and_back_on_many_qubits() -> None:
    """Wide states go by sweeps over tiles."""
    hamiltonian, state = kg.library.heisenberg(14, (1, 0.7, 0.4), 0.3), random_state(14)
    there = kg.evolve(state, hamiltonian, 0.7, method="krylov")
    other = kg.evolve(state, hamiltonian, 0.7, method="chebyshev")
    assert np.linalg.norm(there.amplitudes() - other.amplitudes()) < 3e-10
    back = kg.evolve(there, hamiltonian, -0.7)
    assert np.linalg.norm(back.amplitudes() - state.amplitudes()) < 3e-10
    assert there.expval(hamiltonian) == pytest.approx(state.expval(hamiltonian), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_bits_on_any_number_of_threads(method: str) -> None:
    hamiltonian, state = kg.library.heisenberg(17), random_state(17)
    threads = kg.num_threads()
    found = []
    try:
        for count in (1, 2):
            kg.set_num_threads(count)
            found.append(kg.evolve(state, hamiltonian, 0.1, method=method).amplitudes())
    finally:
        kg.set_num_threads(threads)
    np.testing.assert_array_equal(found[0], found[1])


def test_what_states_and_sums_may_be() -> None:
    amplitudes = random_state(2).amplitudes()
    exact = scipy.linalg.expm(-0.5j * kg.PauliSum("0.5*ZZ + XI").matrix()) @ amplitudes
    for hamiltonian in ("0.5*ZZ + XI", {"ZZ": 0.5, "XI": 1.0}, [("ZZ", 0.5), ("XI", 1.0)]):
        found = kg.evolve(amplitudes, hamiltonian, 0.5)
        np.testing.assert_allclose(found.amplitudes(), exact, atol=1e-10)
    identity = kg.evolve(kg.State(2), kg.PauliSum({"II": 2.0}), 0.5)
    np.testing.assert_allclose(identity.amplitudes()[0], np.exp(-1j), atol=1e-12)


def test_evolutions_that_are_refused() -> None:
    state = kg.State(2)
    with refuses(ValueError, "Hamiltonian over 3 qubits", "state of 2"):
        kg.evolve(state, "ZZZ", 1.0)
    with refuses(ValueError, "no method", "euler", "automatic", "krylov", "chebyshev"):
        kg.evolve(state, "ZZ", 1.0, method="euler")
    for time in (np.nan, np.inf):
        with refuses(ValueError, "time", "finite"):
            kg.evolve(state, "ZZ", time)
    for sum_of_all in ({"ZZ": 1e200}, {"II": 1.7e308, "ZZ": 1.7e308}):
        with refuses(ValueError, "coefficients of a Hamiltonian sum to", "at most 1e+150"):
            kg.evolve(state, sum_of_all, 0.5)
    with refuses(ValueError, "sum to 1e+100", "time is 1e+300", "product must be finite"):
        kg.evolve(state, {"ZZ": 1e100}, 1e300)
    for tolerance in (0.0, 1e-15, 1.0, np.nan):
        with refuses(ValueError, "tolerance"):
            kg.evolve(state, "ZZ", 1.0, tolerance=tolerance)
    with refuses(ValueError, "tolerance", "single"):
        kg.evolve(kg.State(2, "single"), "ZZ", 1.0, tolerance=1e-8)
    with refuses(ValueError, "dimension", "1", "at least 2"):
        kg.evolve(state, "ZZ", 1.0, dimension=1)
    with refuses(TypeError, "coefficient of 'ZZ' must be a real number, not 1j"):
        kg.evolve(state, {"ZZ": 1j}, 1.0)
    with refuses(TypeError, "a PauliSum is expected"):
        kg.evolve(state, np.eye(4), 1.0)
    with refuses(ValueError, "norm"):
        kg.evolve([1.0, 1.0], "Z", 1.0)
    with refuses(MemoryError, "Krylov space of dimension 1000000"):
        kg.evolve(kg.State(22), "Z21", 1.0, method="krylov", dimension=1_000_000)
