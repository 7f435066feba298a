"""Programs that begin with given states."""

import numpy as np
import pytest

import ketgrad as kg

X, W = kg.ParameterVector("x", 2), kg.ParameterVector("w", 3)


def circuit() -> kg.Circuit:
    c = kg.Circuit(2).ry(X[0], 0).rx(X[1], 1).cx(0, 1).u(W[0], W[1], W[2], 0)
    return c.rzz(X[0] * W[0], 0, 1).h(1)


def random_states(count: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(count, 4)) + 1j * rng.normal(size=(count, 4))
    return np.asarray(states / np.linalg.norm(states, axis=1, keepdims=True))


@pytest.fixture
def program() -> kg.Program:
    return kg.compile(circuit(), [kg.PauliSum("ZX"), kg.PauliSum("YI")], inputs=X)


def unitary(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    values = {f"x[{k}]": v for k, v in enumerate(x)} | {f"w[{k}]": v for k, v in enumerate(w)}
    return circuit().matrix(values)


def test_states_are_those_of_the_matrix(program: kg.Program) -> None:
    rng = np.random.default_rng(2)
    x, w, psi = rng.normal(size=(5, 2)), rng.normal(size=3), random_states(5)
    expected = np.array([unitary(x[k], w) @ psi[k] for k in range(5)])
    np.testing.assert_allclose(program.state(x, w, initial_state=psi), expected, atol=1e-12)
    np.testing.assert_allclose(
        program.probs(x, w, initial_state=psi), np.abs(expected) ** 2, atol=1e-12
    )
    one = program.state(x[0], w, initial_state=psi[0])
    np.testing.assert_allclose(one, expected[0], atol=1e-12)
    # One row of inputs serves every state, one state every row of inputs.
    rows = program.state(x[0], w, initial_state=psi)
    assert rows.shape == (5, 4)
    np.testing.assert_allclose(rows[3], unitary(x[0], w) @ psi[3], atol=1e-12)
    rows = program.state(x, w, initial_state=psi[1])
    np.testing.assert_allclose(rows[3], unitary(x[3], w) @ psi[1], atol=1e-12)
    draws = program.sample(7, x, w, seed=1, initial_state=psi)
    assert draws.shape == (5, 7)


def test_gradients(program: kg.Program) -> None:
    rng = np.random.default_rng(3)
    x, w, psi = rng.normal(size=(3, 2)), rng.normal(size=3), random_states(3)
    adjoint = program.jacobian(x, w, initial_state=psi)
    for method, tolerance in [("parameter-shift", 1e-11), ("finite-diff", 1e-7)]:
        other = program.jacobian(x, w, diff_method=method, initial_state=psi)
        for a, b in zip(adjoint, other, strict=True):
            np.testing.assert_allclose(a, b, atol=tolerance)
    g = rng.normal(size=(3, 2))
    by_inputs, by_weights = program.vjp(g, x, w, initial_state=psi)
    np.testing.assert_allclose(by_inputs, np.einsum("bk,bki->bi", g, adjoint[0]), atol=1e-12)
    np.testing.assert_allclose(by_weights, np.einsum("bk,bki->i", g, adjoint[1]), atol=1e-12)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ([1.0, 0.0], r"shape \(4,\) or \(batch, 4\), got \(2,\)"),
        (np.zeros((0, 4)), r"got \(0, 4\)"),
        ([1.0, 1.0, 0.0, 0.0], "has norm 1.41421"),
        ([np.nan, 1.0, 0.0, 0.0], "has norm nan"),
        (np.eye(4)[:3], "initial_state has 3 rows and inputs 2"),
    ],
)
def test_bad_states_are_refused(program: kg.Program, state: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        program.expval(np.zeros((2, 2)), np.zeros(3), initial_state=state)


def test_a_circuit_with_initialize_takes_none() -> None:
    program = kg.compile(kg.Circuit(1).initialize([1.0, 1.0]), "Z")
    with pytest.raises(ValueError, match="an initialize of its own"):
        program.expval(initial_state=[1.0, 0.0])
