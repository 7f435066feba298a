"""States over MPI from Python; scripts/mpi.sh runs it on several numbers of processes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

import ketgrad as kg
from ketgrad import mpi

COMM = MPI.COMM_WORLD
N = 6


def some_program() -> kg.Program:
    w = kg.ParameterVector("w", 2 * N)
    circuit = kg.Circuit(N)
    for q in range(N):
        circuit.ry(w[q], q)
    for q in range(N):
        circuit.cx(q, (q + 1) % N).rx(w[N + q], (q + 1) % N)
    return kg.compile(circuit, ["XXXXXX", {"ZIIIIZ": 0.5, "XIIIII": 1.0}], inputs=[w[0], w[1]])


X = np.array([0.3, -0.2])
W = np.linspace(-1, 1, 2 * N - 2)


def test_values_and_derivatives_are_those_of_one_process() -> None:
    one, many = some_program(), mpi.Program(some_program())
    np.testing.assert_allclose(many.expval(X, W), one.expval(X, W), atol=1e-13)
    np.testing.assert_allclose(many.variance(X, W), one.variance(X, W), atol=1e-13)
    np.testing.assert_allclose(many.probs(X, W), one.probs(X, W), atol=1e-13)
    values, by_inputs, by_weights = many.jacobian(X, W, return_values=True)
    np.testing.assert_allclose(values, one.expval(X, W), atol=1e-13)
    expected = one.jacobian(X, W)
    np.testing.assert_allclose(by_inputs, expected[0], atol=1e-13)
    np.testing.assert_allclose(by_weights, expected[1], atol=1e-13)
    cotangent = np.array([0.5, -2.0])
    inputs, weights = many.vjp(cotangent, X, W)
    np.testing.assert_allclose(inputs, cotangent @ by_inputs, atol=1e-13)
    np.testing.assert_allclose(weights, cotangent @ by_weights, atol=1e-13)


def test_values_come_by_name() -> None:
    one, many = some_program(), mpi.Program(some_program())
    w = kg.ParameterVector("w", 2 * N)
    by_name = {"w[0]": X[0], "w[1]": X[1]}, {f"w[{k + 2}]": value for k, value in enumerate(W)}
    np.testing.assert_array_equal(many.expval(*by_name), many.expval(X, W))
    whole = kg.compile(some_program().circuit, "X0")
    np.testing.assert_allclose(
        mpi.Program(whole).expval(weights={w: np.concatenate([X, W])}),
        whole.expval(weights={"w": np.concatenate([X, W])}),
        atol=1e-13,
    )
    rows = {"w[0]": [0.1, 0.2, 0.3], "w[1]": -0.2}
    np.testing.assert_allclose(many.variance(rows, W), one.variance(rows, W), atol=1e-13)
    for call in (one.expval, many.expval):
        with pytest.raises(ValueError, match=r"weights: 'w\[3\]' has no value"):
            call(X, {"w[2]": 0.1})
        with pytest.raises(ValueError, match="'v'"):
            call(X, {"v": 0.1})
        with pytest.raises(TypeError, match="masked"):
            call(X, np.ma.masked_array(W, W > 0))


BATCH_X = np.random.default_rng(1).uniform(-1, 1, (3, 2))
BATCH_W = np.random.default_rng(2).uniform(-1, 1, (3, 2 * N - 2))


@pytest.mark.parametrize(("x", "w"), [(BATCH_X, W), (X, BATCH_W), (BATCH_X, BATCH_W)])
def test_batches_have_the_shapes_and_values_of_one_process(x: np.ndarray, w: np.ndarray) -> None:
    one, many = some_program(), mpi.Program(some_program())
    for name in ("expval", "variance", "probs"):
        expected, found = getattr(one, name)(x, w), getattr(many, name)(x, w)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, atol=1e-13)
    rows = max(np.ndim(x) > 1 and len(x), np.ndim(w) > 1 and len(w))
    cotangent = np.random.default_rng(3).normal(size=(rows, 2))
    for expected, found in (
        (one.value_and_vjp(cotangent, x, w), many.vjp(cotangent, x, w, return_values=True)),
        (one.vjp(cotangent, x, w), many.vjp(cotangent, x, w)),
        (
            one.jacobian(x, w, return_values=True),
            many.jacobian(x, w, return_values=True),
        ),
    ):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, atol=1e-13)


def test_batches_that_are_refused() -> None:
    many = mpi.Program(some_program())
    for call in (many.expval, some_program().expval):
        with pytest.raises(ValueError, match="inputs have 3 rows and weights 2"):
            call(BATCH_X, BATCH_W[:2])
        with pytest.raises(ValueError, match="the batch is empty"):
            call(BATCH_X[:0], W)
    with pytest.raises(ValueError, match="a state is of one sample, and these are a batch of 3"):
        many.state(BATCH_X, W)
    with pytest.raises(ValueError, match="a state is of one sample"):
        many.apply(mpi.State(N), BATCH_X, W)
    with pytest.raises(ValueError, match=r"the cotangent must have shape \(3, 2\), got \(2,\)"):
        many.vjp([1.0, 2.0], BATCH_X, W)
    with pytest.raises(ValueError, match=r"the cotangent must have shape \(2,\), got \(3,\)"):
        many.vjp([1.0, 2.0, 3.0], X, W)
    for of in ("state", "values"):
        with pytest.raises(ValueError, match=of):
            many.vjp([1.0, 2.0], X, W, of)
    bad = BATCH_X.copy()
    bad[1, 0] = np.nan
    with pytest.raises(ValueError, match="nan"):
        many.expval(bad, W)


def test_marginals_have_derivatives() -> None:
    many = mpi.Program(some_program(), qubits=[5, 0])
    values, _, by_weights = many.vjp([1.0, 0, 0, 0], X, W, "probs", return_values=True)
    assert values.shape == (4,)
    moved = W + 1e-6 * np.eye(len(W))[3]
    slope = (many.probs(X, moved)[0] - many.probs(X, W)[0]) / 1e-6
    assert abs(by_weights[3] - slope) < 1e-5


def test_states_samples_and_gates_on_them() -> None:
    program = some_program()
    state = mpi.Program(program).state(X, W)
    own = state.amplitudes(0, 2**N)
    np.testing.assert_allclose(own, program.state(X, W), atol=1e-13)
    whole = kg.State.from_amplitudes(own)
    np.testing.assert_array_equal(state.sample(500, 3), whole.sample(500, seed=3))
    np.testing.assert_allclose(state.probabilities([4, 1]), whole.probabilities([4, 1]), atol=1e-13)
    first, local = state.local()
    np.testing.assert_array_equal(local, own[first : first + len(local)])
    assert abs(state.norm() - 1) < 1e-13
    back = mpi.Program(kg.compile(kg.Circuit(N).h(range(N))))
    uniform = mpi.State(N)
    uniform.set_amplitudes(lambda states: np.full(len(states), 2 ** (-N / 2)))
    back.apply(uniform)
    np.testing.assert_allclose(uniform.amplitudes(0, 2), [1, 0], atol=1e-13)


def test_files(tmp_path: Path) -> None:
    path = Path(COMM.bcast(str(tmp_path))) / "state"
    state = mpi.Program(some_program()).state(X, W)
    state.save(path)
    np.testing.assert_array_equal(mpi.State.load(path).amplitudes(0, 64), state.amplitudes(0, 64))
    with pytest.raises(ValueError, match="numbers of 8 bytes"):
        mpi.State.load(path, precision="single")
    with pytest.raises(OSError, match="nowhere"):
        mpi.State.load(path.parent / "nowhere")
    COMM.barrier()


def test_an_error_on_one_process_raises_on_all() -> None:
    odd = COMM.rank == COMM.size - 1
    many = mpi.Program(some_program())
    shapes = r"weights must have shape \(10,\) or \(batch, 10\), got \(9,\)"
    with pytest.raises(ValueError, match=shapes):
        many.state(X, W[:9] if odd else W)
    if COMM.size > 1:
        with pytest.raises(ValueError, match="has another program, or other parameters"):
            many.state(X, W + odd)
        with pytest.raises(ValueError, match="number of samples"):
            many.expval(BATCH_X[: 3 - odd], W)
        with pytest.raises(ValueError, match="quantity or cotangent"):
            many.vjp([1.0, float(odd)], X, W)
        with pytest.raises(ValueError, match="quantity or cotangent"):
            many.vjp([1.0, 2.0], X, W, "variance" if odd else "expval")
        with pytest.raises(ValueError, match="other results to return"):
            many.vjp([1.0, 2.0], X, W, return_values=odd)
    state = mpi.State(N)

    def fails(states: np.ndarray) -> np.ndarray:
        if odd:
            raise RuntimeError("no amplitudes today")
        return np.zeros(len(states))

    with pytest.raises(RuntimeError, match="no amplitudes today"):
        state.set_amplitudes(fails)

    def interrupted(states: np.ndarray) -> np.ndarray:
        if odd:
            raise KeyboardInterrupt
        return np.zeros(len(states))

    with pytest.raises(KeyboardInterrupt):
        state.set_amplitudes(interrupted)
    with pytest.raises(ValueError, match="the amplitudes have norm 0"):
        state.set_amplitudes(lambda states: np.zeros(len(states)))
    with pytest.raises(TypeError, match="amplitudes is a masked array"):
        state.set_amplitudes(lambda states: np.ma.masked_array(np.ones(len(states)), mask=True))
    with pytest.raises(TypeError, match="amplitudes must be complex numbers, got an array of <U1"):
        state.set_amplitudes(lambda states: np.full(len(states), "1"))


def test_what_is_no_communicator() -> None:
    with pytest.raises(TypeError, match="it must be a communicator of mpi4py"):
        mpi.State(N, comm=3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="COMM_NULL"):
        mpi.State(N, comm=MPI.COMM_NULL)


def test_other_arguments_on_one_process() -> None:
    if COMM.size == 1:
        return
    odd = COMM.rank == COMM.size - 1
    state = mpi.Program(some_program()).state(X, W)
    calls: dict[str, Callable[[], object]] = {
        "seed or number of shots": lambda: state.sample(5, int(odd)),
        "range of amplitudes": lambda: state.amplitudes(0, 4 + odd),
        "list of qubits": lambda: state.probabilities([0, 1 + odd]),
        "number of qubits or precision": lambda: mpi.State(N + odd),
        "number of qubits or precision of": lambda: mpi.State(
            N, precision="single" if odd else "double"
        ),
        "another program": lambda: mpi.Program(some_program(), qubits=[int(odd)]),
        "path to save to": lambda: state.save(f"nowhere{odd}"),
    }
    for message, call in calls.items():
        with pytest.raises(ValueError, match=message):
            call()
    alone: dict[str, Callable[[], object]] = {
        "there is no precision 'half'": lambda: mpi.State(N, precision="half" if odd else "double"),
        "qubit=9; it must be from 0 to 5": lambda: state.probabilities([9 if odd else 1]),
        "shots=0; it must be from 1": lambda: state.sample(int(not odd), 1),
        "amplitudes have shape": lambda: state.set_local(np.zeros(3 if odd else 2**state.n_local)),
        "qubit 8": lambda: mpi.Program(some_program(), qubits=[8 if odd else 1]),
        "of another communicator": lambda: mpi.Program(kg.compile(kg.Circuit(N).h(0))).apply(
            other if odd else mine
        ),
    }
    own = COMM.Dup()
    mine, other = mpi.State(N), mpi.State(N, own)
    for message, call in alone.items():
        with pytest.raises((ValueError, IndexError), match=message):
            call()
    with pytest.raises(TypeError if odd else RuntimeError, match=r"what ketgrad\.compile makes"):
        mpi.Program("rx(w)" if odd else some_program())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ranks are too many for a state of 1 qubits"):
        mpi.State(1)
    assert abs(state.norm() - 1) < 1e-13  # and all go on
    own.Free()


def test_a_communicator_stays_the_callers() -> None:
    own = COMM.Split(COMM.rank, 0)
    assert mpi.State(3, own).n_local == 3
    assert own.allreduce(1) == 1
    own.Free()
    assert COMM.allreduce(1) == COMM.size
