"""Product formulas: their errors fall as they should."""

import numpy as np
import pytest
import scipy.linalg

import ketgrad as kg
from refusals import refuses

library = kg.library
MODEL = library.heisenberg(4, (1.0, 0.8, 0.5), 0.3) + library.transverse_ising(4, 0.2, 0.6)


def unitary_without_phase(circuit: kg.Circuit, exact: np.ndarray) -> np.ndarray:
    matrix = circuit.matrix()
    overlap = np.vdot(matrix, exact)
    return matrix * (overlap / abs(overlap))


def error(hamiltonian: kg.PauliSum, time: float, steps: int, order: int) -> float:
    exact = scipy.linalg.expm(-1j * time * hamiltonian.matrix())
    found = unitary_without_phase(library.trotter(hamiltonian, time, steps, order), exact)
    return float(np.linalg.norm(found - exact, 2))


@pytest.mark.parametrize(("order", "steps"), [(1, 40), (2, 20), (4, 8), (6, 6)])
def test_errors_fall_as_the_order_says(order: int, steps: int) -> None:
    few, many = (error(MODEL, 0.5, n, order) for n in (steps, 2 * steps))
    assert np.log2(few / many) == pytest.approx(order, abs=0.25)


@pytest.mark.parametrize("n", range(1, 9))
def test_terms_that_commute_have_no_error(n: int) -> None:
    total = library.transverse_ising(n, 0.7, 0.0) + kg.PauliSum("Z0", n_qubits=n) + 0.4
    assert error(total, 0.9, 1, 1) < 1e-12


def test_neighbours_are_merged() -> None:
    """An order 2 step has each term twice but the last, and shares its first with its neighbour."""
    count = len(MODEL)
    assert len(library.trotter(MODEL, 0.1, 1, 1)) == count
    assert len(library.trotter(MODEL, 0.1, 3, 2)) == 3 * (2 * count - 2) + 1


def test_the_time_may_be_a_parameter() -> None:
    circuit = library.trotter(MODEL, kg.Parameter("time"), 3, 2)
    numbers = library.trotter(MODEL, 0.7, 3, 2)
    found = circuit.assign({"time": 0.7}).matrix()
    np.testing.assert_allclose(found, numbers.matrix(), atol=1e-12)
    back = library.trotter(MODEL, -0.7, 3, 2)
    np.testing.assert_allclose(back.matrix() @ found, np.eye(16), atol=1e-12)


def test_the_random_formula_converges_in_the_mean() -> None:
    """The mean of the channels errs by 2 (lambda t)**2 / N at most (Campbell 2019)."""
    time, samples, runs = 0.2, 200, 200
    strength = sum(abs(c) for text, c in MODEL.terms if text.strip("I"))
    start = kg.State(4).apply(kg.Circuit(4).ry(0.4, 0).cx(0, 1).h(2))
    exact = kg.evolve(start, MODEL, time).amplitudes()
    mean = np.zeros((16, 16), dtype=complex)
    for seed in range(runs):
        state = start.copy().apply(library.qdrift(MODEL, time, samples, seed=seed)).amplitudes()
        mean += np.outer(state, state.conj()) / runs
    distance = np.abs(np.linalg.eigvalsh(mean - np.outer(exact, exact.conj()))).sum() / 2
    bound = 2 * (strength * time) ** 2 / samples
    assert distance < bound + 4 * strength * time / np.sqrt(samples * runs)


def test_the_random_formula_has_one_angle_and_its_seed() -> None:
    one = library.qdrift(MODEL, 0.3, 50, seed=3)
    assert one == library.qdrift(MODEL, 0.3, 50, seed=3)
    assert one != library.qdrift(MODEL, 0.3, 50, seed=4)
    single = library.qdrift({"XX": -2.0}, 0.3, 7, seed=1)
    np.testing.assert_allclose(
        single.matrix(), scipy.linalg.expm(0.6j * kg.PauliSum("XX").matrix()), atol=1e-12
    )


def test_formulas_that_are_refused() -> None:
    for order in (0, 3, 5, 10, -2):
        with refuses(ValueError, f"order {order}"):
            library.trotter("ZZ", 1.0, 1, order)
    with refuses(ValueError, "number of steps", "0", "at least 1"):
        library.trotter("ZZ", 1.0, 0)
    with refuses(ValueError, "number of samples", "0"):
        library.qdrift("ZZ", 1.0, 0)
    with refuses(MemoryError, "a product formula", "operations"):
        library.trotter(MODEL, 1.0, 2_000_000_000, 8)
    with refuses(TypeError, "a PauliSum is expected"):
        library.trotter(np.eye(2), 1.0)
    with refuses(TypeError, "must be a real number, not 1j"):
        library.trotter({"ZZ": 1j}, 1.0)
