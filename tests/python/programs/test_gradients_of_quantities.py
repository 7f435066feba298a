"""Derivatives of probabilities, variances, states and fidelities."""

import numpy as np
import pytest

import ketgrad as kg
from gradient_methods import METHODS, TOLERANCE


@pytest.mark.parametrize("method", METHODS)
def test_of_probabilities(method: str) -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0))  # no observables needed
    slope = np.sin(0.7) / 2  # p_1 = sin^2(a/2)
    np.testing.assert_allclose(
        program.jacobian(weights=[0.7], of="probs", diff_method=method)[1],
        [[-slope], [slope]],
        atol=TOLERANCE[method],
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_of_variances(method: str, offset: float) -> None:
    circuit = kg.Circuit(1).rx(kg.Parameter("a"), 0)
    program = kg.compile(circuit, [kg.PauliSum("Z") + offset, kg.MatrixObservable(np.eye(2), [0])])
    np.testing.assert_allclose(  # Var Z = 1 - cos^2 a
        program.jacobian(weights=[0.7], of="variance", diff_method=method)[1],
        [[np.sin(1.4)], [0]],
        atol=TOLERANCE[method] * 10,
    )


@pytest.mark.parametrize("precision", ["double", "single"])
def test_of_states(precision: str) -> None:
    circuit = kg.Circuit(1).rx(kg.Parameter("a"), 0).pauli_rotation(kg.Parameter("b"), "I", [0])
    program = kg.compile(circuit, precision=precision)
    at, half = [0.7, 0.4], 0.35
    psi = np.exp(-0.2j) * np.array([np.cos(half), -1j * np.sin(half)])
    by_a = np.exp(-0.2j) * np.array([-np.sin(half), -1j * np.cos(half)]) / 2
    expected = np.stack([by_a, -0.5j * psi], axis=1)  # a global phase counts here
    jacobian = program.jacobian(weights=at, of="state")[1]
    assert jacobian.dtype == program.state(weights=at).dtype
    np.testing.assert_allclose(jacobian, expected, atol=1e-6 if precision == "single" else 1e-14)
    g = np.array([0.3 - 1j, 2 + 0.5j])
    value, _, gradient = program.value_and_vjp(g, weights=at, of="state")
    np.testing.assert_array_equal(value, program.state(weights=at))
    np.testing.assert_allclose(gradient, (g.conj() @ expected).real, atol=1e-6)


def test_the_gradient_of_a_fidelity() -> None:
    rng = np.random.default_rng(4)
    program = kg.compile(kg.hardware_efficient(3, 2))
    weights = rng.normal(size=len(program.weights))
    phi = rng.normal(size=8) + 1j * rng.normal(size=8)
    phi /= np.linalg.norm(phi)

    def fidelity(w: np.ndarray) -> float:
        return abs(np.vdot(phi, program.state(weights=w))) ** 2

    overlap = np.vdot(phi, program.state(weights=weights))
    gradient = program.vjp(2 * overlap * phi, weights=weights, of="state")[1]
    step = 1e-6
    near = [
        (fidelity(weights + step * e) - fidelity(weights - step * e)) / (2 * step)
        for e in np.eye(len(weights))
    ]
    np.testing.assert_allclose(gradient, near, atol=1e-8)


def test_shapes_of_other_quantities() -> None:
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 3)
    circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1).rz(w[2], 0)
    program = kg.compile(circuit, ["ZI", "IZ", "XX"], inputs=x)
    rng = np.random.default_rng(5)
    for of, count in [("expval", 3), ("variance", 3), ("probs", 4), ("state", 4)]:
        for rows, w_rows in [((), ()), ((5,), ()), ((), (5,)), ((5,), (5,))]:
            inputs, weights = rng.normal(size=(*rows, 2)), rng.normal(size=(*w_rows, 3))
            batch = rows or w_rows
            by_input, by_weight = program.jacobian(inputs, weights, of=of)
            assert by_input.shape == (*batch, count, 2)
            assert by_weight.shape == (*batch, count, 3)
            g = rng.normal(size=(*batch, count)) + (1j if of == "state" else 0)
            values, vjp_input, vjp_weight = program.value_and_vjp(g, inputs, weights, of=of)
            np.testing.assert_array_equal(values, getattr(program, of)(inputs, weights))
            assert vjp_input.shape == (*batch, 2)
            assert vjp_weight.shape == weights.shape
            expected = np.einsum("...k,...kp->...p", g.conj(), by_weight).real
            if batch and not w_rows:
                expected = expected.sum(axis=0)
            np.testing.assert_allclose(vjp_weight, expected, atol=1e-12)
