"""States: what they hold, how they change, what can be read from them."""

import copy
import pickle
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

import ketgrad as kg

PRECISIONS = [("double", np.complex128, 1e-14), ("single", np.complex64, 1e-6)]


@pytest.mark.parametrize(("precision", "dtype", "tolerance"), PRECISIONS)
def test_a_new_state_is_all_zeros(precision: str, dtype: type, tolerance: float) -> None:
    state = kg.State(3, precision=precision)
    assert (state.n_qubits, len(state), state.precision) == (3, 8, precision)
    assert state.amplitudes().dtype == dtype
    np.testing.assert_array_equal(state.amplitudes(), np.eye(8)[0])
    assert state.norm() == pytest.approx(1, abs=tolerance)


@pytest.mark.parametrize(("precision", "dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("n_qubits", [1, 2, 5, 11])
def test_numpy_in_and_out(precision: str, dtype: type, tolerance: float, n_qubits: int) -> None:
    rng = np.random.default_rng(n_qubits)
    amplitudes = rng.normal(size=2**n_qubits) + 1j * rng.normal(size=2**n_qubits)
    amplitudes /= np.linalg.norm(amplitudes)
    state = kg.State.from_amplitudes(amplitudes, precision=precision)
    np.testing.assert_allclose(state.amplitudes(), amplitudes, atol=tolerance)
    np.testing.assert_allclose(np.asarray(state), amplitudes, atol=tolerance)
    np.testing.assert_allclose(state.probabilities(), np.abs(amplitudes) ** 2, atol=tolerance)
    np.testing.assert_allclose(np.asarray(state, dtype=np.complex128), amplitudes, atol=tolerance)
    other = kg.State(n_qubits, precision=precision).set_amplitudes(amplitudes[::-1])
    expected = np.vdot(amplitudes, amplitudes[::-1])
    assert state.inner(other) == pytest.approx(expected, abs=tolerance * 10)


@pytest.mark.parametrize(
    "array",
    [
        [1, 0],
        (0.6, 0.8),
        np.array([1j, 0]),
        np.array([1, 0], dtype=np.int8),
        np.array([0, 5, 1, 5], dtype=np.float32)[::2],
    ],
)
def test_anything_numpy_takes(array) -> None:
    np.testing.assert_allclose(kg.State.from_amplitudes(array).amplitudes(), array)


def test_amplitudes_are_a_copy() -> None:
    state = kg.State(1)
    state.amplitudes()[0] = 5
    np.testing.assert_array_equal(state.amplitudes(), [1, 0])


def test_apply_chains_on_a_state_of_one_s_own() -> None:
    state = kg.State(2)
    assert state.apply(kg.Circuit(2).x(0)).apply(kg.Circuit(1).x(0)) is state
    np.testing.assert_array_equal(state.amplitudes(), [1, 0, 0, 0])
    rotated = state.set_basis(2).apply(kg.Circuit(2).ry(kg.Parameter("a"), 0), {"a": np.pi})
    np.testing.assert_allclose(rotated.amplitudes(), [0, 0, 0, 1], atol=1e-15)


def test_marginals_put_the_first_qubit_lowest() -> None:
    state = kg.State(3).apply(kg.Circuit(3).x(2).ry(1.0, 0))
    p1 = np.sin(0.5) ** 2
    np.testing.assert_allclose(state.probabilities([2, 0]), [0, 1 - p1, 0, p1])
    np.testing.assert_allclose(state.probabilities([0, 2]), [0, 0, 1 - p1, p1])
    np.testing.assert_allclose(state.probabilities([1]), [1, 0])


@pytest.mark.parametrize(("precision", "dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("qubits", [[0], [3], [4, 1], [2, 0, 4], [1, 4, 3, 0], [4, 3, 2, 1, 0]])
def test_reduced_density_matrices(
    precision: str, dtype: type, tolerance: float, qubits: list[int]
) -> None:
    n = 5
    rng = np.random.default_rng(3)
    amplitudes = (rng.normal(size=2**n) + 1j * rng.normal(size=2**n)).astype(dtype)
    amplitudes /= np.linalg.norm(amplitudes)
    state = kg.State.from_amplitudes(amplitudes, precision=precision)
    rest = [q for q in range(n) if q not in qubits]
    # Axis a of the tensor is qubit n − 1 − a; the first qubit is the lowest bit.
    axes = [n - 1 - q for q in reversed(rest)] + [n - 1 - q for q in reversed(qubits)]
    panel = amplitudes.reshape([2] * n).transpose(axes).reshape(2 ** len(rest), -1)
    expected = panel.T @ panel.conj()
    rho = state.reduced_density_matrix(qubits)
    assert rho.shape == (2 ** len(qubits),) * 2
    np.testing.assert_allclose(rho, expected, atol=10 * tolerance)


def test_bytes_of_states() -> None:
    assert kg.State.bytes(30) == 2**34
    assert kg.State.bytes(31, precision="single") == 2**34
    assert kg.State.bytes(1) == 128
    assert isinstance(kg.State.bytes(62), int)


def test_a_million_shots() -> None:
    state = kg.State(3).apply(kg.Circuit(3).h(0).ry(0.8, 2))
    draws = state.sample(1_000_000, seed=4)
    assert draws.shape == (1_000_000,)
    p = state.probabilities()
    frequency = np.bincount(draws.astype(int), minlength=8) / len(draws)
    assert (np.abs(frequency - p) <= 5 * np.sqrt(p * (1 - p) / len(draws))).all()
    np.testing.assert_array_equal(draws[:1000], state.sample(1000, seed=4))  # shot k is shot k
    assert (draws[:1000] != state.sample(1000, seed=5)).any()


def test_measuring_collapses() -> None:
    bell = kg.Circuit(2).h(0).cx(0, 1)
    seen = set()
    for seed in range(20):
        state = kg.State(2, seed=seed).apply(bell)
        outcome = state.measure(0)
        seen.add(outcome)
        np.testing.assert_allclose(np.abs(state.amplitudes()), np.eye(4)[3 * outcome], atol=1e-15)
        assert state.measure(1) == outcome
    assert seen == {0, 1}


def test_measurements_depend_on_their_seed_alone() -> None:
    def outcomes(seed: int) -> list[int]:
        state = kg.State(8, seed=seed).apply(plus(8))
        return [state.measure(q) for q in range(8)]

    assert outcomes(1) == outcomes(1)
    assert len({tuple(outcomes(seed)) for seed in range(8)}) > 4
    state = kg.State(1).apply(plus(1))
    assert state.copy().measure(0, seed=9) == state.copy().measure(0, seed=9)


def plus(n_qubits: int) -> kg.Circuit:
    circuit = kg.Circuit(n_qubits)
    for qubit in range(n_qubits):
        circuit.h(qubit)
    return circuit


def test_project_returns_the_probability() -> None:
    state = kg.State(1).apply(kg.Circuit(1).ry(1.0, 0))
    assert state.project(0, True) == pytest.approx(np.sin(0.5) ** 2)
    np.testing.assert_allclose(state.amplitudes(), [0, 1])


@pytest.mark.parametrize(
    "duplicate", [kg.State.copy, copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))]
)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_copies_are_independent(duplicate, precision: str) -> None:
    state = kg.State(2, precision=precision, seed=3).apply(plus(2))
    state.measure(0)
    other = duplicate(state)
    assert other.precision == precision
    np.testing.assert_array_equal(other.amplitudes(), state.amplitudes())
    before = state.amplitudes()
    assert other.measure(1) == state.copy().measure(1)  # the stream of random numbers goes along
    np.testing.assert_array_equal(state.amplitudes(), before)


def test_repr() -> None:
    assert repr(kg.State(3, precision="single")) == "<ketgrad.State: 3 qubits, single precision>"


def test_wide_states() -> None:
    """Twenty qubits: several parts, more than one cache."""
    n = 20
    circuit = plus(n).cz(0, n - 1).rz(0.7, n - 1)
    state = kg.State(n).apply(circuit)
    assert state.norm() == pytest.approx(1, abs=1e-12)
    assert state.expval(kg.PauliSum("X7", n_qubits=n)) == pytest.approx(1, abs=1e-12)
    assert state.expval(kg.PauliSum(f"X0 Z{n - 1}", n_qubits=n)) == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(state.probabilities([n - 1, 3]), [0.25] * 4)


def test_other_threads_run_during_work_on_wide_states() -> None:
    n = 23
    state = kg.State(n, seed=1).apply(plus(n))
    amplitudes = state.amplitudes()
    many = sum(kg.PauliSum(f"X{q}", n_qubits=n) for q in range(n)) + 0.5
    calls: dict[str, Callable[[], object]] = {
        "probabilities": state.probabilities,
        "marginals": lambda: state.probabilities([3, 20]),
        "amplitudes": state.amplitudes,
        "from_amplitudes": lambda: kg.State.from_amplitudes(amplitudes),
        "set_amplitudes": lambda: state.set_amplitudes(amplitudes),
        "expval": lambda: state.expval(many),
        "variance": lambda: state.variance(many),
        "measure": lambda: state.measure(4),
        "State": lambda: kg.State(n + 2),
    }
    ticks, done = 0, threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            time.sleep(0.0005)
            ticks += 1

    ticker = threading.Thread(target=tick)
    ticker.start()
    seen = {}
    try:
        for name, call in calls.items():
            before = ticks
            call()
            seen[name] = ticks - before
    finally:
        done.set()
        ticker.join()
    # One turn may come right before or after a call that keeps the others waiting.
    assert all(count > 2 for count in seen.values()), seen


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_long_arrays_are_copied_in_pieces(dtype: type) -> None:
    values = np.zeros(2 * 2**23, dtype=dtype)
    values[[4, 2**23 + 10]] = 1
    for array in (values[: 2**23], values[2**23 :], values[2**22 :: -1][: 2**22]):
        (one,) = np.flatnonzero(array)
        assert kg.State.from_amplitudes(array).probabilities()[one] == 1


def test_states_are_equal_where_their_amplitudes_are() -> None:
    state = kg.State(3).apply(kg.Circuit(3).h(0).cx(0, 2))
    assert state == state.copy() == pickle.loads(pickle.dumps(state))
    assert state != kg.State(3)
    assert kg.State(2) != kg.State(3)
    assert kg.State(2) != kg.State(2, "single")
    assert kg.State(2) != [1, 0, 0, 0]
