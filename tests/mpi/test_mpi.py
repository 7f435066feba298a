"""States over MPI from Python; scripts/mpi.sh runs it on several numbers of processes."""

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
    with pytest.raises(ValueError, match=r"weights have shape \(9,\); it must be \(10,\)"):
        many.state(X, W[:9] if odd else W)
    if COMM.size > 1:
        with pytest.raises(ValueError, match="has another program, or other parameters"):
            many.state(X, W + odd)
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


def test_what_is_no_communicator() -> None:
    with pytest.raises(TypeError, match="it must be a communicator of mpi4py"):
        mpi.State(N, comm=3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="COMM_NULL"):
        mpi.State(N, comm=MPI.COMM_NULL)


def test_a_communicator_stays_the_callers() -> None:
    own = COMM.Split(COMM.rank, 0)
    assert mpi.State(3, own).n_local == 3
    assert own.allreduce(1) == 1
    own.Free()
    assert COMM.allreduce(1) == COMM.size
